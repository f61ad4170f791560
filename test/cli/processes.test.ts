import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import t from 'tap';
import { main } from '../support/programs.js';
import type { JsonReport } from '../../conformance/index.js';

const agent = `"${process.execPath}" "${main}" conformance agent`;

function goodbyte(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [main, ...args],
    { encoding: 'utf8', timeout: 60_000 },
  );
  return { status, stdout, stderr };
}

await t.test('the eight steps between two processes', (t) => {
  const { status, stdout, stderr } = goodbyte(
    'conformance',
    'run',
    '--scenario',
    'eight-steps*',
    '--json',
  );
  t.equal(status, 0);
  // On a busy machine it takes long enough to report progress.
  t.match(stderr, /^(\d+ of \d+ runs, \d+ s\n)*$/);
  const report = JSON.parse(stdout) as JsonReport;
  const schema = JSON.parse(
    readFileSync(
      new URL('../../../conformance/report.schema.json', import.meta.url),
      'utf8',
    ),
  ) as object;
  const ajv = new Ajv2020({ allowUnionTypes: true });
  t.ok(ajv.validate(schema, report), ajv.errorsText());
  const forced = report.runs.filter(({ mode }) => mode === 'forced');
  t.strictSame(
    forced.map(({ indication, order, verdict, data, teardown }) =>
      [indication, order, verdict, data, teardown].join(' | '),
    ),
    ['FD_CLOSE', 'WSAEDISCON', 'recv() = 0'].flatMap((indication) =>
      ['5a 6 7 8', '6 5a 7 8', '6 7 5a 8', '6 7 8 5a'].map(
        (order) => `${indication} | ${order} | OK | OK | OK`,
      ),
    ),
  );
  t.equal(report.runs.length - forced.length, 3, 'free-running replays');
  for (const { order, transcript } of forced) {
    const results = transcript.flatMap((entry) =>
      entry.kind === 'result' ? [entry.step] : [],
    );
    t.equal(results.slice(-4).join(' '), order, 'was carried out so');
  }
  t.end();
});

await t.test('a wrong agent as server: exit 1 and the clause', (t) => {
  const { status, stdout } = goodbyte(
    'conformance',
    'run',
    '--scenario',
    'disconnect-data/server-first',
    '--server',
    `${agent} --fault drops-disconnect-data`,
  );
  t.equal(status, 1);
  t.match(stdout, /FAILED at step heard \(WSARecvDisconnect\)/);
  t.match(stdout, 'clause    WSASendDisconnect function (winsock2.h), Remarks');
  t.match(stdout, 'expected  data: "closing for the night"');
  t.match(stdout, 'actual    data: no data');
  t.end();
});

await t.test('agents that connect back', (t) => {
  const { status, stdout } = goodbyte(
    'conformance',
    'run',
    '--scenario',
    'several-clients/*',
    '--client',
    `tcp:${agent}`,
    '--server',
    `tcp:${agent}`,
  );
  t.equal(status, 0, stdout);
  t.match(stdout, /5 runs: 5 OK/);
  t.end();
});

await t.test('an agent that cannot be started', (t) => {
  const { status, stderr } = goodbyte(
    'conformance',
    'run',
    '--scenario',
    'eight-steps/*',
    '--client',
    'goodbyte-has-no-such-program',
  );
  t.equal(status, 64);
  t.match(stderr, /the agent cannot be started/);
  t.end();
});

await t.test('a program that is not an agent', (t) => {
  const { status, stderr } = goodbyte(
    'conformance',
    'run',
    '--scenario',
    'eight-steps/*',
    '--client',
    `"${process.execPath}" --version`,
  );
  t.equal(status, 64);
  t.match(stderr, /not JSON|ended/);
  t.end();
});

await t.test('an agent without a runner', (t) => {
  const { status, stderr } = goodbyte(
    'conformance',
    'agent',
    '--connect',
    '127.0.0.1:1',
    '--token',
    'x',
  );
  t.equal(status, 2);
  t.match(stderr, 'no runner at 127.0.0.1:1');
  t.end();
});

await t.test('a report whose reader stops early', async (t) => {
  const run = spawn(
    process.execPath,
    [main, 'conformance', 'run', '--scenario', 'eight-steps*'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  run.stdout.destroy();
  const [code] = (await once(run, 'exit')) as [number | null];
  t.equal(code, 141, 'is not taken for one of success');
});

const noFull = !existsSync('/dev/full') && 'needs Unix: /dev/full';

await t.test('a stdout that cannot be written', { skip: noFull }, (t) => {
  const cases: [string, number][] = [
    ['--help', 1],
    ['info', 1],
    ['completion bash', 1],
    ['conformance list', 64],
  ];
  const full = openSync('/dev/full', 'w');
  for (const [line, code] of cases) {
    const { status, stderr } = spawnSync(
      process.execPath,
      [main, ...line.split(' ')],
      { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' },
    );
    t.equal(status, code, line);
    t.match(stderr, /^goodbyte: stdout cannot be written: ENOSPC.*\n$/);
  }
  closeSync(full);
  t.end();
});
