import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import {
  loadScenarios,
  planRuns,
  type JsonReport,
} from '../../conformance/index.js';
import { agentScript } from '../support/agent-script.js';
import { needsUnix } from '../support/platform.js';
import { wordsOf } from '../support/report-page.js';

// Whatever ends a run of the suite, every report has the finished runs, and names
// the missing ones.

const fileOf = (name: string): string =>
  fileURLToPath(new URL(`../../cli/${name}`, import.meta.url));

const planned = planRuns({
  scenarios: loadScenarios().filter(({ id }) => id.startsWith('close/')),
  maxOrders: 1,
}).runs;

const formats = ['console', 'tap', 'junit', 'json', 'html'];

/** Arguments for a run with a test's server, and the paths of its reports. */
function runOf(folder: string) {
  const at = (name: string): string => path.join(folder, name);
  const quoted = [process.execPath, at('agent.mjs')].map((one) => `"${one}"`);
  const options = '--scenario close/* --max-orders 1 --jobs 1';
  const args = [
    fileOf('main.js'),
    'conformance',
    'run',
    ...options.split(' '),
    '--server',
    quoted.join(' '),
    '--report',
    formats.map((one) => `${one}=${at(one)}`).join(','),
  ];
  return { at, args };
}

const ajv = new Ajv2020({ allowUnionTypes: true });
const valid = ajv.compile(
  JSON.parse(
    readFileSync(
      new URL('../../../conformance/report.schema.json', import.meta.url),
      'utf8',
    ),
  ) as object,
);

/** Reads and checks the reports of an interrupted suite. */
function readReports(t: Tap, at: (name: string) => string, why: RegExp) {
  const json = readFileSync(at('json'), 'utf8');
  const report = JSON.parse(json) as JsonReport;
  t.ok(valid(report), ajv.errorsText(valid.errors));
  const { runs, broken, summary } = report;
  t.match(broken?.why, why);
  t.equal(runs.length + (broken?.notRun.length ?? 0), planned.length);
  t.equal(summary.notRun, broken?.notRun.length);
  for (const format of formats) {
    const text = wordsOf(format, at(format));
    t.match(text, why, format);
    t.match(text, broken!.notRun.at(-1)!.id.split('/')[0], format);
  }
  t.match(readFileSync(at('console'), 'utf8'), /\nbroken off {2}/);
  t.match(readFileSync(at('tap'), 'utf8'), /: not run\n(?:.*\n)*Bail out! /);
  t.match(
    readFileSync(at('junit'), 'utf8'),
    new RegExp(`^<testsuites [^>]* errors="${summary.notRun}"`, 'm'),
  );
  return report;
}

type Tap = Pick<typeof t, 'ok' | 'equal' | 'match'>;

t.test('an agent that cannot be started again', (t) => {
  // The second run ends it, and no other can be started.
  const begin = `
    import { existsSync, writeFileSync } from 'node:fs';
    const mark = new URL('started', import.meta.url);
    if (existsSync(mark)) {
      console.error('no licence left');
      process.exit(9);
    }
    writeFileSync(mark, '');
    let ends = 0;`;
  const onend = `
    if ((ends += 1) === 2) process.exit(3);
    say({ type: 'ended', seq: message.seq })`;
  const folder = t.testdir({ 'agent.mjs': agentScript({ begin, onend }) });
  const { at, args } = runOf(folder);
  const { status, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
  });
  t.equal(status, 64);
  // On a slow machine the progress of the runs comes before it.
  t.match(stderr, /^goodbyte: the agent ended with exit code 9:\nno licence/m);
  const { runs } = readReports(t, at, /the agent ended with exit code 9/);
  t.equal(runs.length, 2);
  t.match(runs[1]?.findings.at(-1)?.got, /ended with exit code 3/);
  t.end();
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  const skip = needsUnix('signals');
  t.test(`a runner that gets ${signal}`, { skip }, async (t) => {
    const begin = `
      import { writeFileSync } from 'node:fs';
      let ends = 0;`;
    const onend = `
      ends += 1;
      say({ type: 'ended', seq: message.seq })`;
    const onstep = `
      if (ends === 2) writeFileSync(new URL('third', import.meta.url), '');
      else say({ type: 'unsupported', seq: message.seq, what: 'all' })`;
    const folder = t.testdir({
      'agent.mjs': agentScript({ begin, onend, onstep }),
    });
    const { at, args } = runOf(folder);
    const run = spawn(process.execPath, args, { stdio: 'ignore' });
    const ended = once(run, 'exit') as Promise<[number, string | null]>;
    while (!existsSync(at('third')) && run.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    run.kill(signal);
    t.equal((await ended)[1], signal, 'which ends it like any program');
    const report = readReports(t, at, new RegExp(`interrupted by ${signal}`));
    t.equal(report.runs.length, 2, 'the one under way is not one of them');
  });
}

t.test('a mistake that nothing catches', (t) => {
  const url = pathToFileURL(fileOf('interruption.js')).href;
  const script = `
    import { Interruption } from ${JSON.stringify(url)};
    const interruption = new Interruption();
    const { signal } = interruption;
    signal.addEventListener('abort', () => {
      console.log('broken off:', signal.reason.message);
      interruption.end();
      setTimeout(() => { throw new Error('a later one'); });
    });
    setTimeout(() => { throw new Error('of the harness'); });`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', script],
    { encoding: 'utf8' },
  );
  t.equal(stdout, 'broken off: of the harness\n');
  t.match(stderr, 'a later one', 'which ends the process as any');
  t.not(status, 0);
  t.end();
});
