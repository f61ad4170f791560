import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';

const module = path.resolve(
  import.meta.dirname,
  '../../../scripts/test-run.mjs',
);

const passes = { status: 0, stdout: 'TAP version 14\nok 1 - a\n1..1\n' };
const fails = { status: 1, stdout: 'TAP version 14\nnot ok 1 - a\n1..1\n' };
const hangs = { status: 'SIGKILL', stdout: 'TAP version 14\nok 1 - a\n' };
const broken = 'the server died';
const empty = { status: 0, stdout: 'TAP version 14\n1..0\n' };

/** Runs one file that comes to these ends, one after the other. */
function run(folder: string, ends: object[]) {
  const program = `
    import { TestRun } from ${JSON.stringify(pathToFileURL(module))};
    const run = new TestRun(${JSON.stringify(folder)}, /^needs another/);
    const ends = ${JSON.stringify(ends)};
    const next = async () => ({ stderr: '', ...ends.shift() });
    await run.runFiles(['a.test.js'], next);
    run.end();`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { encoding: 'utf8' },
  );
  const summary = readFileSync(path.join(folder, '.tap/summary.json'), 'utf8');
  return { status, stdout, stderr, summary: JSON.parse(summary) as object };
}

for (const { name, ends, code, passed, failed, says } of [
  {
    name: 'passes',
    ends: [passes],
    code: 0,
    passed: 1,
    failed: 0,
    says: /^ok /,
  },
  {
    name: 'fails',
    ends: [fails, passes],
    code: 1,
    passed: 0,
    failed: 1,
    says: /^FAILED {2}a\n/,
  },
  {
    name: 'hangs',
    ends: [hangs],
    code: 1,
    passed: 1,
    failed: 1,
    says: /^FAILED {2}a\.test\.js ended with SIGKILL\n/,
  },
  {
    name: 'tests nothing',
    ends: [empty],
    code: 1,
    passed: 0,
    failed: 1,
    says: /^FAILED {2}a\.test\.js has tested nothing\n/,
  },
  {
    name: 'passes though something broke',
    ends: [{ ...passes, broken }],
    code: 0,
    passed: 1,
    failed: 0,
    says: /^ok /,
  },
  {
    name: 'is broken off, is run again and passes',
    ends: [{ ...hangs, broken }, passes],
    code: 0,
    passed: 1,
    failed: 0,
    says: /^again {3}a\.test\.js \(the server died\)\n {4}FAILED .*SIGKILL\n[^]*\n1 run again\n/,
  },
  {
    name: 'is broken off, is run again and is so once more',
    ends: [
      { ...fails, broken },
      { ...fails, broken },
    ],
    code: 1,
    passed: 0,
    failed: 1,
    says: /^again [^]*\nFAILED {2}a\n[^]*\n1 run again\n/,
  },
]) {
  t.test(`a file that ${name}`, (t) => {
    const { status, stdout, stderr, summary } = run(t.testdir(), ends);
    t.equal(stderr, '');
    t.match(stdout, says);
    t.strictSame(summary, { passed, failed, skipped: 0 });
    t.equal(status, code);
    t.end();
  });
}
