import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { connect } from 'goodbyte/promises';
import { outcomeOf, run, start } from './run.js';

const main = 'examples/ledger/main.js';
const csv = path.join(
  import.meta.dirname,
  '../../../examples/ledger/transactions.csv',
);
const rows = readFileSync(csv, 'utf8').split('\n');

/** A ledger that waits for these tellers, with the port it listens on. */
async function startLedger(t: Test, ...args: string[]) {
  const ledger = start(t, 'examples/ledger/ledger.js', ...args);
  const [line] = (await once(ledger.stdout, 'data')) as [Buffer];
  const port = /^port (\d+)\n$/.exec(line.toString())![1]!;
  return { ended: outcomeOf(ledger), port };
}

const runTeller = (t: Test, name: string, port: string) => {
  const args = ['--name', name, '--port', port, '--file', csv];
  return run(t, 'examples/ledger/teller.js', ...args);
};

t.test('the file matches its generator', async (t) => {
  const { code, stdout } = await run(t, 'examples/ledger/generate.js');
  t.equal(code, 0);
  t.equal(stdout.split('\n').length, 10_002, 'a header, and an end of line');
  t.ok(stdout === readFileSync(csv, 'utf8'), 'byte for byte');
});

t.test('all totals agree', async (t) => {
  const { code, stdout, stderr } = await run(t, main);
  t.equal(stderr, '');
  const lines = stdout.trimEnd().split('\n');
  t.equal(lines.pop(), 'All totals agree with the file.');
  t.equal(lines.pop(), 'ledger: the grand total is 5,156,095.32');
  t.equal(lines.length, 8);
  for (const line of lines) t.match(line, / grand total 5,156,095\.32$/);
  t.equal(code, 0);
});

t.test('a file that does not add up', async (t) => {
  const lines = [...rows];
  const bea = lines.findIndex((line) => line.includes(',bea,'));
  const [number, date, teller, cents, till] = lines[bea]!.split(',');
  lines[bea] = [number, date, teller, Number(cents) + 1, till].join(',');
  const gus = lines.findIndex((line) => line.includes(',gus,'));
  lines[gus] = `${gus},2026-01-02,gus,12.5,100`;
  lines.splice(1, 0, '0,2026-01-01,mallory,1,1');
  const folder = t.testdir({ 'changed.csv': lines.join('\n') });

  const file = path.join(folder, 'changed.csv');
  const { code, stdout } = await run(t, main, '--file', file);
  const badRow = JSON.stringify(lines[gus + 1]);
  for (const line of [
    'mallory: refused: unknown teller "mallory"',
    'ledger: without bea: said 687,337.23, but posted 687,337.24',
    `ledger: without gus: a bad row: ${badRow}`,
    'ledger: the grand total is 3,796,336.05',
    'WRONG: the file says bea: 1262 rows, total 687,337.24',
    `WRONG: a bad row in the file: ${badRow}`,
    'WRONG: the file says mallory: 1 rows, total 0.01',
  ]) {
    t.ok(stdout.split('\n').includes(line), line);
  }
  t.match(stdout, /^ann: .* grand total 3,796,336\.05 without (bea|gus), /m);
  t.notMatch(stdout, /agree/);
  t.equal(code, 1);
});

t.test('a teller dies: the others get their grand total', async (t) => {
  const { ended, port } = await startLedger(t, '--tellers', 'ann,bea');
  const bea = start(t, 'test/examples/dying-teller.js', 'bea', port);
  await once(bea.stdout, 'data');
  bea.kill('SIGKILL');
  const ann = await runTeller(t, 'ann', port);
  t.match(ann.stdout, /grand total 655,974\.49 without bea$/m);
  t.equal(ann.code, 0);
  const { code, stdout } = await ended;
  t.match(stdout, /^ledger: without bea: (left without a total|lost: .*)$/m);
  t.equal(code, 1);
});

t.test('nobody waits longer than the limit', async (t) => {
  const tellers = ['--tellers', 'ann,bea,carl', '--limit', '0.1'];
  const { ended, port } = await startLedger(t, ...tellers);
  const bea = await connect({ port, host: '127.0.0.1', callerData: 'bea' });
  bea.resume();
  const told = once(bea, 'disconnect') as Promise<[Buffer]>;

  const ann = await runTeller(t, 'ann', port);
  t.match(ann.stdout, /grand total 655,974\.49 without bea, carl$/m);
  t.equal(ann.code, 0);
  const [word] = await told;
  t.strictSame(
    JSON.parse(word.toString()),
    {
      grandTotal: 65_597_449,
      without: { bea: 'was not done in time', carl: 'was not done in time' },
    },
    'clients still connected receive it too',
  );
  const { code, stdout } = await ended;
  t.match(stdout, /^ledger: without carl: was not done in time$/m);
  t.equal(code, 1);
});

t.test('a teller is let in once, and posts for itself', async (t) => {
  const { ended, port } = await startLedger(t, '--tellers', 'ann,bea');
  const bea = await connect({ port, host: '127.0.0.1', callerData: 'bea' });
  const second = await runTeller(t, 'bea', port);
  t.equal(second.stdout, 'bea: refused: bea is here already\n');
  t.equal(second.code, 1);

  bea.write('1,2026-01-02,ann,5,5\n');
  const word = bea.disconnect('5');
  t.equal((await runTeller(t, 'ann', port)).code, 0);
  t.strictSame(JSON.parse(String(await word)), {
    grandTotal: 65_597_449,
    without: { bea: 'a bad row: "1,2026-01-02,ann,5,5"' },
  });
  t.equal((await ended).code, 1);
});

t.test('without a ledger a teller says so', async (t) => {
  const { code, stdout } = await runTeller(t, 'ann', '1');
  t.match(stdout, /^ann: connect ECONNREFUSED 127\.0\.0\.1:1$/m);
  t.equal(code, 1);
});
