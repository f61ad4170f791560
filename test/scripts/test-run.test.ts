import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
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

/** Makes a test run do this. */
function runWith(folder: string, work: string) {
  const program = `
    import { runHere, runTogether, TestRun } from ${JSON.stringify(pathToFileURL(module))};
    const run = new TestRun(${JSON.stringify(folder)}, /^needs another/);
    ${work}
    run.end();`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { encoding: 'utf8', cwd: path.resolve(module, '../..') },
  );
  const summary = readFileSync(path.join(folder, '.tap/summary.json'), 'utf8');
  return { status, stdout, stderr, summary: JSON.parse(summary) as object };
}

/** Runs one file that has these outcomes, one after the other. */
const run = (folder: string, ends: object[]) =>
  runWith(
    folder,
    `const ends = ${JSON.stringify(ends)};
    const next = async () => ({ stderr: '', ...ends.shift() });
    await run.runFiles(['a.test.js'], next);`,
  );

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
    says: /^FAILED {2}a\.test\.js tested nothing\n/,
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
    name: 'is broken off twice and passes then',
    ends: [{ ...hangs, broken }, { ...hangs, broken }, passes],
    code: 0,
    passed: 1,
    failed: 0,
    says: /^again [^]*\nagain [^]*\nok [^]*\n2 run again\n/,
  },
  {
    name: 'is broken off each time',
    ends: [
      { ...fails, broken },
      { ...fails, broken },
      { ...fails, broken },
    ],
    code: 1,
    passed: 0,
    failed: 1,
    says: /^again [^]*\nagain [^]*\nFAILED {2}a\n[^]*\n2 run again\n/,
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

t.test('one that hangs, and holds its output open by a program', (t) => {
  const folder = t.testdir({
    'a.mjs': `import { spawn } from 'node:child_process';
      const stdio = ['ignore', 'inherit', 'inherit'];
      const forever = 'console.log(process.pid); setInterval(() => {}, 1000)';
      spawn(process.execPath, ['--eval', forever], { stdio });
      setInterval(() => {}, 1000);`,
  });
  const work = `const file = ${JSON.stringify(path.join(folder, 'a.mjs'))};
    await run.runFiles([file], () => runHere(file, {}, [], 3000));`;
  const { status, stdout } = runWith(folder, work);
  const left = /^ {4}(\d+)$/m.exec(stdout)?.[1];
  if (left) process.kill(Number(left));
  t.equal(status, 1);
  t.match(stdout, /^FAILED {2}.*a\.mjs ended with SIGKILL\n/);
  t.end();
});

t.test('files that mostly wait have lanes of their own', (t) => {
  const folder = t.testdir();
  const { status, summary } = runWith(
    folder,
    `const lanes = ${availableParallelism()};
    const beside = new TestRun(${JSON.stringify(folder)}, /^needs another/, lanes);
    let goOn;
    const works = new Promise((resolve) => { goOn = resolve; });
    await beside.runFiles(
      [...Array(lanes).fill('dist/test/socket/idle.test.js'), 'a.test.js', 'b.test.js'],
      async (file) => {
        if (file === 'b.test.js') goOn();
        else if (file !== 'a.test.js') await works;
        return { stderr: '', ...${JSON.stringify(passes)} };
      },
    );
    await run.runFiles(['c.test.js'], () => (${JSON.stringify(passes)}));`,
  );
  t.equal(status, 0);
  t.match(summary, { passed: 1, failed: 0 });
  t.end();
});

/** The module that compiled tests import as `tap`. */
const tap = import.meta.resolve('tap');

/** Runs files with these texts in one process, each named by a letter. */
function together(folder: string, files: Record<string, string>) {
  const paths = Object.entries(files).map(([name, text]) => {
    const file = path.join(folder, `${name}.mjs`);
    writeFileSync(file, `import t from ${JSON.stringify(tap)};\n${text}`);
    return file;
  });
  const work = `await run.runGroups([${JSON.stringify(paths)}], runTogether);`;
  const { stdout, ...rest } = runWith(folder, work);
  const told = stdout
    .replaceAll(`${folder}${path.sep}`, '')
    .replaceAll(/, [\d.]+ s$/gm, '');
  return { told, ...rest };
}

const one = `t.test('one', async (t) => t.pass('it'));\n`;

t.test('files that share a process have a test each', (t) => {
  const { told, status, stderr } = together(t.testdir(), {
    a: `t.afterEach(() => { globalThis.after = (globalThis.after ?? 0) + 1; });
      ${one}`,
    b: `await t.test('two', async (t) => t.equal(globalThis.after, 1));
      ${one}`,
  });
  t.strictSame({ status, stderr }, { status: 0, stderr: '' });
  t.match(
    told,
    /^ok {6}a\.mjs: 1 passed\nok {6}b\.mjs: 2 passed\n\n3 passed, 0/,
  );
  t.end();
});

t.test('a failure is reported for its file only', (t) => {
  const { told, status } = together(t.testdir(), {
    a: one,
    b: `${one} throw new Error('no way to load');`,
    c: `t.test('late', async () => { setTimeout(() => { throw new Error('x'); });
      await new Promise(() => {}); });`,
    d: one,
  });
  t.equal(status, 1);
  t.match(told, /^ok {6}a\.mjs: 1 passed\n/);
  t.match(
    told,
    /FAILED {2}.*no way to load[^]*\nFAILED {2}b\.mjs: 1 passed, 1 f/,
  );
  t.match(
    told,
    /\nFAILED {2}c\.mjs: 0 passed, 1 failed\nok {6}d\.mjs: 1 passed\n/,
  );
  t.end();
});

t.test('files that do not finish, since one ends their process', (t) => {
  const { told, status, summary } = together(t.testdir(), {
    a: one,
    b: `t.test('ends', () => { console.error('so be it'); process.exit(0); });`,
    c: one,
  });
  t.equal(status, 1);
  t.match(told, /^ok {6}a\.mjs: 1 passed\n/);
  t.match(told, /\nFAILED {2}b\.mjs: 0 passed, \d failed\n/);
  t.match(told, /\nFAILED {2}.*c\.mjs was not run\n/);
  t.match(summary, { passed: 1 });
  t.end();
});
