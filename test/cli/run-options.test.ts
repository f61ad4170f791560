import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { wordsOf } from '../support/report-page.js';
import type { JsonReport } from '../../conformance/index.js';
import { cli, conformance } from './cli-harness.js';

const one = ['--in-process', '--scenario', 'close/bare-fin'];

const namesOf = (stdout: string): string[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => line.split('  ')[0]!);

await t.test('--list and --scenario', async (t) => {
  const cases: [string[], string[]][] = [
    [['close/bare*'], ['close/bare-fin']],
    [
      ['disconnect-data/sizes-client', '!*limit*'],
      ['disconnect-data/sizes-client[payload=empty,socketType=stream]'],
    ],
    [
      ['disconnect-data/sizes-client[payload=empty,socketType=stream]'],
      ['disconnect-data/sizes-client[payload=empty,socketType=stream]'],
    ],
    [['close/*', '!close/*'], []],
  ];
  for (const [globs, expected] of cases) {
    const options = globs.flatMap((glob) => ['--scenario', glob]);
    const { code, stdout } = await conformance('run', '--list', ...options);
    const names = new Set(namesOf(stdout).filter((name) => name !== ''));
    for (const name of expected)
      t.ok(names.has(name), `${globs.join(' ')}: ${name}`);
    if (expected.length === 0) t.strictSame([...names], []);
    t.equal(code, expected.length === 0 ? 3 : 0, globs.join(' '));
  }
  const all = namesOf((await conformance('run', '--list')).stdout);
  const without = namesOf(
    (await conformance('run', '--list', '--scenario', '!close/*')).stdout,
  );
  t.strictSame(
    without,
    all.filter((name) => !name.startsWith('close/')),
    'only without',
  );
});

await t.test('--family names the family', async (t) => {
  const { stdout } = await conformance(
    'run',
    '--list',
    '--family',
    'IPv6',
    '--scenario',
    'close/bare-fin',
  );
  t.match(stdout, /^close\/bare-fin \(IPv6\)/);
});

await t.test('--case-list', async (t) => {
  const list = JSON.parse(
    readFileSync(
      new URL('../../../conformance/case-lists/1.json', import.meta.url),
      'utf8',
    ),
  ) as { cases: string[] };
  const args = ['--list', '--case-list', '1', '--max-orders', '1'];
  const { code, stdout } = await conformance('run', ...args);
  t.equal(code, 0);
  t.strictSame(
    [...new Set(namesOf(stdout))].toSorted(),
    list.cases.toSorted(),
    'exactly these',
  );
  const wrong = await conformance('run', '--case-list', '999');
  t.equal(wrong.code, 2);
  t.match(wrong.stderr, /--case-list: no case list 999; choose one of 1/);
  const { stdout: json } = await conformance(
    'run',
    ...one,
    '--case-list',
    '1',
    '--json',
  );
  t.equal((JSON.parse(json) as JsonReport).caseList, 1);
});

await t.test('--repeat', async (t) => {
  const { code, stdout } = await conformance(
    'run',
    ...one,
    '--repeat',
    '3',
    '--json',
  );
  t.equal(code, 0);
  const { runs } = JSON.parse(stdout) as JsonReport;
  t.strictSame(
    [...new Set(runs.map(({ repetition }) => repetition))],
    [1, 2, 3],
  );
});

await t.test('the same exit code and report, however many jobs', async (t) => {
  const [first, second] = await Promise.all(
    ['1', '5'].map(async (jobs) => {
      const args = ['--in-process', '--scenario', 'close/*', '--jobs', jobs];
      const { code, stdout } = await conformance('run', ...args, '--json');
      const { runs } = JSON.parse(stdout) as JsonReport;
      return [code, runs.map(({ id, order, verdict }) => [id, order, verdict])];
    }),
  );
  t.strictSame(second, first);
});

await t.test('--report: several at once, in files and on stdout', async (t) => {
  const folder = t.testdir();
  const at = (file: string): string => path.join(folder, 'new', file);
  const { code, stdout, stderr } = await conformance(
    'run',
    ...one,
    '--name',
    'this machine',
    '--report',
    `console,html=${at('a.html')},junit=${at('a.xml')}`,
    '--report',
    `json=${at('a.json')},tap=${at('a.tap')}`,
    '--report',
    `console=${at('a.txt')}`,
  );
  t.strictSame({ code, stderr }, { code: 0, stderr: '' });
  t.match(stdout, /^goodbyte conformance {2}.*\n[^]*runs: /);
  const read = (file: string): string => readFileSync(at(file), 'utf8');
  t.match(read('a.html'), /^<!doctype html>/);
  t.match(read('a.xml'), /^<\?xml /);
  t.match(read('a.tap'), /^TAP version 14\n/);
  t.match(read('a.txt'), /^goodbyte conformance {2}/);
  t.equal((JSON.parse(read('a.json')) as JsonReport).name, 'this machine');
});

const noFull = !existsSync('/dev/full') && 'needs Unix: /dev/full';

await t.test('a report that cannot be written', { skip: noFull }, async (t) => {
  const folder = t.testdir();
  const args = [`json=/dev/full,tap=${path.join(folder, 'a.tap')}`];
  const { code, stderr } = await conformance(
    'run',
    ...one,
    '--report',
    ...args,
  );
  t.equal(code, 64);
  t.match(stderr, /--report json: ENOSPC/);
  const text = readFileSync(path.join(folder, 'a.tap'), 'utf8');
  t.match(text, /^TAP version 14\n/, 'the others are written');
});

await t.test('--strict and a line that fits no case', async (t) => {
  const lines = 'close/bare-fine  misspelt\nmessages/* (unix)  not run here\n';
  const folder = t.testdir({ 'known.txt': lines });
  const at = (name: string): string => path.join(folder, name);
  const args = ['--known-failing', at('known.txt'), ...one];
  t.equal((await conformance('run', ...args)).code, 0);
  const formats = ['tap', 'junit', 'json', 'html'];
  const list = formats.map((format) => `${format}=${at(format)}`);
  const report = ['--report', ['console', ...list].join(',')];
  const strict = await conformance('run', ...args, '--strict', ...report);
  t.equal(strict.code, 1);
  t.match(
    strict.stdout,
    /stale {2}close\/bare-fine: known to fail, but no case matches/,
  );
  for (const format of formats) {
    const text = wordsOf(format, at(format));
    t.match(text, 'close/bare-fine', format);
    t.notMatch(text, 'messages/', 'a case that there is, and is not run');
  }
});

await t.test('--report tap is alone on stdout', async (t) => {
  const { stdout } = await conformance('run', ...one, '--report', 'tap');
  t.match(stdout, /^TAP version 14\n1\.\.\d+\nok 1 - close\/bare-fin\n/);
});

await t.test('wrong use of the options', async (t) => {
  const folder = t.testdir({ file: '', 'known.txt': 'close/bare-fin\n' });
  const cases: [string[], RegExp][] = [
    [
      ['--report', 'xml'],
      /--report takes console, tap, tap13, junit, json, html, github/,
    ],
    [['--report', 'json='], /--report json= names no file/],
    [['--report', 'json,tap'], /json and tap cannot both be on stdout/],
    [['--report', `json=${folder}`], /is a folder/],
    [
      ['--report', `json=${folder}/${'x'.repeat(300)}`],
      /--report json: (?:ENAMETOOLONG|ENOENT|EINVAL)/,
    ],
    [['--report', `json=${folder}/file/x`], /ENOTDIR|EEXIST|ENOENT/],
    [['--report', `json=${folder}/file/x/y`], /ENOTDIR|EEXIST|ENOENT/],
    [
      ['--report', `json=${folder}/x,tap=${folder}/x`],
      /two reports have the same file/,
    ],
    [['--json', '--report', 'tap'], /--json is short for --report json/],
    [['--jobs', '0'], /--jobs takes a whole number from 1 on, not "0"/],
    [['--repeat', 'x'], /--repeat takes a whole number from 1 on/],
    [['--known-failing', `${folder}/none`], /--known-failing: ENOENT/],
    [
      ['--known-failing', `${folder}/known.txt`],
      /known\.txt:1: has to be the id of a case/,
    ],
  ];
  for (const [args, expected] of cases) {
    const { code, stdout, stderr } = await conformance('run', ...one, ...args);
    t.match(stderr, expected, args.join(' '));
    t.strictSame({ code, stdout }, { code: 2, stdout: '' });
  }
  t.notOk(existsSync(path.join(folder, 'x')), 'nothing was written');
  t.strictSame(
    readdirSync(folder).toSorted(),
    ['file', 'known.txt'],
    'nor left behind by looking',
  );
});

await t.test('--known-failing', async (t) => {
  const folder = t.testdir({
    'known.txt': 'close/bare-fin  it never was\nabsent/*  nothing\n',
  });
  const { code, stdout, stderr } = await conformance(
    'run',
    ...one,
    '--known-failing',
    path.join(folder, 'known.txt'),
  );
  t.equal(code, 1, 'an unexpected pass is a failure');
  t.match(stdout, /unexpected pass {2}close\/bare-fin: known to fail \(it nev/);
  t.match(stderr, /--known-failing: nothing that runs is absent\/\*/);
});

await t.test('the progress line is for a terminal, and goes', async (t) => {
  const { stdout, stderr } = await cli(['conformance', 'run', ...one], {
    isTTY: true,
  });
  t.match(stderr, /\r.{4}1 of \d+ runs, \d+ s/);
  t.ok(stderr.endsWith('\r\u001B[2K'), 'nothing of it is left');
  t.notMatch(stdout, '\r');
});
