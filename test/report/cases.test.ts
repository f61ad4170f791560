import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  conformanceCases,
  inProcessAgent,
  planRuns,
  loadScenarios,
} from '../../conformance/index.js';
import { main } from '../support/programs.js';
import { findFault } from '../../conformance/wrong-agents/index.js';

const root = path.resolve(import.meta.dirname, '../../..');

/** The program of docs/conformance.md, with some parts replaced. */
function documented(replaced: Record<string, string>): string {
  const page = readFileSync(path.join(root, 'docs/conformance.md'), 'utf8');
  const [, program] = /```js\n(\/\/ From your own[^]*?)```/.exec(page)!;
  return Object.entries(replaced).reduce((text, [old, now]) => {
    if (!text.includes(old)) throw new Error(`the page has no ${old}`);
    return text.replace(old, now);
  }, program!);
}

const ownAgent = (...options: string[]): Record<string, string> => ({
  "['python3', 'my-agent.py']": JSON.stringify([
    process.execPath,
    main,
    'conformance',
    'agent',
    ...options,
  ]),
});

/** Runs a program, hidden from the test runner. */
function run(args: readonly string[]) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env,
    timeout: 60_000,
  });
  return { status, output: stdout + stderr };
}

const planned = planRuns({ scenarios: loadScenarios() }).runs.filter(
  ({ tested: { name } }) =>
    name.startsWith('disconnect-data/') && !name.endsWith('/too-long'),
).length;

await t.test('the lines of the documentation, in node:test', (t) => {
  const folder = t.testdir({ 'a.test.mjs': documented(ownAgent()) });
  const { status, output } = run(['--test', path.join(folder, 'a.test.mjs')]);
  t.equal(status, 0, output);
  t.match(output, new RegExp(`pass ${planned}\n`));
  t.match(output, 'disconnect-data/simultaneous');
  t.end();
});

await t.test('a provider that breaks a clause, in node:test', (t) => {
  const folder = t.testdir({
    'a.test.mjs': documented({
      ...ownAgent('--fault', 'drops-disconnect-data'),
      "'disconnect-data/*', ": "'disconnect-data/server-first', ",
    }),
  });
  const { status, output } = run(['--test', path.join(folder, 'a.test.mjs')]);
  t.equal(status, 1);
  t.match(output, /not ok \d+ - disconnect-data\/server-first|✖ disconnect-d/);
  t.match(output, 'expected: data: "closing for the night"');
  t.match(output, 'actual: data: no data');
  t.end();
});

await t.test('runs are as their names say, one at a time', async (t) => {
  const cases = conformanceCases({
    client: inProcessAgent(),
    server: inProcessAgent(findFault('drops-disconnect-data')),
    only: ['eight-steps/fd-close', 'disconnect-data/server-first'],
  });
  t.teardown(() => cases.close());
  t.equal(cases.length, 7);
  const [first, , ...eight] = cases;
  t.match(first, { name: 'disconnect-data/server-first', level: 'MUST' });
  t.strictSame(
    eight.map(({ name }) => name),
    ['5a 6 7 8', '6 5a 7 8', '6 7 5a 8', '6 7 8 5a', 'free-running'].map(
      (order) => `eight-steps/fd-close, ${order}`,
    ),
  );
  await t.rejects(first!.run(), {
    name: 'ConformanceError',
    message:
      /FAILED at step heard \(WSARecvDisconnect\) by the client\nclause: WSASendDi/,
    run: { id: 'disconnect-data/server-first', verdict: 'FAILED' },
  });
});

await t.test('passing cases, and globs without a match', async (t) => {
  const options = { client: inProcessAgent(), server: inProcessAgent() };
  const cases = conformanceCases({
    ...options,
    only: ['close/bare-fin'],
    caseList: 1,
    jobs: 2,
  });
  const runs = await Promise.all(Array.from(cases, (one) => one.run()));
  t.ok(runs.every(({ verdict }) => verdict === 'OK'));
  await cases.close();
  t.throws(() => conformanceCases({ ...options, only: ['none/*'] }), {
    name: 'RangeError',
    message: 'no case fits none/*',
  });
});
