import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { needsUnix } from '../support/platform.js';
import { main } from '../support/programs.js';

// Runs the scripts of the reusable workflow and of the action as GitHub would, on three
// made-up systems: a right one, a broken one, and one that is known to be broken. npx
// is ours, and runs the build of this checkout.

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string =>
  readFileSync(path.join(root, '.github', file), 'utf8');

/** A step's bash, without its indentation in the file. */
function scriptOf(file: string, step: string): string {
  const text = read(file);
  const from = text.indexOf(`- name: ${step}\n`);
  const block = /run: \|\n((?: +.*\n|\n)+?)(?= *- name| *- uses|\S|$(?!\n))/;
  const [, body = ''] = block.exec(text.slice(from)) ?? [];
  const [indent = ''] = /^ +/.exec(body) ?? [];
  return body.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
}

const workflow = 'workflows/conformance.yml';
const run = scriptOf(workflow, 'Run the suite');
const merge = scriptOf(workflow, 'Merge');
const wrong = `"${process.execPath}" "${main}" conformance agent --fault drops-disconnect-data`;

const npx = `#!/bin/sh
[ "$1 $2 $3 $4 $5" = "--yes --package a-package -- goodbyte" ] || exit 99
shift 5
exec "${process.execPath}" "${main}" "$@"
`;

const skip = needsUnix('a shebang');

t.test('the scripts run', { skip }, (t) => {
  const folder = t.testdir({
    bin: { npx },
    known: { gamma: { 'x86.txt': 'disconnect-data/*  since ever\n' } },
    summary: '',
  });
  const at = (name: string): string => path.join(folder, name);
  spawnSync('chmod', ['+x', at('bin/npx')]);
  const bash = (script: string, env: Record<string, string>) => {
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script],
      {
        cwd: folder,
        encoding: 'utf8',
        env: {
          ...process.env,
          PATH: `${at('bin')}:${process.env['PATH']}`,
          PACKAGE: 'a-package',
          GITHUB_STEP_SUMMARY: at('summary'),
          ...env,
        },
      },
    );
    return { status, stdout, stderr };
  };
  const suite = (SYSTEM: string, SERVER: string) =>
    bash(run, {
      SYSTEM,
      SERVER,
      CLIENT: '',
      CASE_LIST: '1',
      KNOWN_FAILING: 'known/{system}.txt',
      SCENARIO: 'disconnect-data/server-first',
      FAMILY: 'IPv4 IPv6',
      TIMEOUT: '20000',
      JOBS: '2',
      STRICT: 'true',
    });

  const right = suite('alpha', '');
  t.equal(right.status, 0, right.stderr);
  t.notMatch(right.stdout, '::error');
  const broken = suite('beta', wrong);
  t.equal(broken.status, 1);
  const [, token] = /^::stop-commands::(\S+)\n/.exec(broken.stdout) ?? [];
  const [report, commands] = broken.stdout.split(`\n::${token}::\n`);
  t.match(report, 'FAILED at step heard');
  t.match(
    commands,
    /^::error title=disconnect-data\/server-first on beta::.*FAILED at step heard/,
  );
  const known = suite('gamma/x86', wrong);
  t.equal(known.status, 0, known.stderr);
  t.match(known.stdout, 'known to fail');

  const SYSTEMS = '["alpha", "beta", "gamma/x86"]';
  t.equal(bash(merge, { SYSTEMS }).status, 1);
  const summary = readFileSync(at('summary'), 'utf8');
  t.match(summary, /^ {4}passed {2}alpha: .*\n {4}FAILED {2}beta: /m);
  t.match(summary, /^ {4}passed {2}gamma\/x86: /m);
  t.match(summary, /^ {4}differs {2}disconnect-data\/server-first$/m);
  t.notMatch(summary, /^[^ \n]/m, 'all of it is text');
  t.ok(existsSync(at('merged/conformance.html')));

  rmSync(at('results/beta.json'));
  t.equal(bash(merge, { SYSTEMS }).status, 1);
  t.match(readFileSync(at('summary'), 'utf8'), 'ABSENT  beta: no report of it');
  rmSync(at('results'), { recursive: true });
  t.equal(bash(merge, { SYSTEMS }).status, 3, 'nothing at all came');
  t.end();
});

t.test('the action has the same script, and the same inputs', (t) => {
  const action = 'actions/conformance/action.yml';
  t.ok(run.includes('goodbyte conformance run'));
  t.equal(scriptOf(action, 'Run the suite'), run);
  const inputs = (file: string): string[] =>
    [...read(file).matchAll(/\$\{\{ inputs\.([a-z-]+)/g)].map(
      ([, one]) => one!,
    );
  const ofWorkflow = new Set(inputs(workflow));
  const ofAction = new Set(inputs(action));
  t.strictSame(
    [...ofWorkflow].filter((one) => !ofAction.has(one)),
    ['node', 'systems'],
  );
  t.strictSame(
    [...ofAction].filter((one) => !ofWorkflow.has(one)),
    ['name'],
  );
  for (const name of ofAction) {
    t.match(read(action), new RegExp(`^  ${name}:\n    description: `, 'm'));
  }
  t.end();
});
