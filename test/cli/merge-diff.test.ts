import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { JsonReport } from '../../conformance/index.js';
import { sampleReport } from '../report/sample-reports.js';
import { conformance } from './cli-harness.js';

const good = await sampleReport({ name: 'good' });
const bad = await sampleReport({ name: 'bad', fault: 'drops-disconnect-data' });

function folderOf(t: Pick<Test, 'testdir'>) {
  const folder = t.testdir({
    'good.json': JSON.stringify(good),
    'bad.json': JSON.stringify(bad),
    'none.json': JSON.stringify({
      ...good,
      runs: [],
      summary: { ...good.summary, runs: 0 },
    }),
    'broken.json': '{',
  });
  return (file: string): string => path.join(folder, file);
}

await t.test('merge', async (t) => {
  const at = folderOf(t);
  const { code, stdout } = await conformance(
    'merge',
    at('good.json'),
    at('bad.json'),
    '--report',
    `console,json=${at('all.json')},html=${at('all.html')}`,
  );
  t.equal(code, 1, 'one of them failed');
  t.match(stdout, /differs {2}eight-steps\/fd-close\n/);
  t.match(readFileSync(at('all.html'), 'utf8'), /^<!doctype html>/);
  const again = await conformance(
    'merge',
    at('all.json'),
    at('good.json'),
    '--json',
  );
  const { reports } = JSON.parse(again.stdout) as { reports: JsonReport[] };
  t.strictSame(
    reports.map(({ name }) => name),
    ['good', 'bad', 'good (2)'],
    'merged reports can be merged again',
  );
  t.equal((await conformance('merge', at('good.json'))).code, 0);
  t.equal((await conformance('merge', at('none.json'))).code, 3);
  t.equal(
    (await conformance('merge', at('none.json'), at('good.json'))).code,
    1,
  );
});

await t.test('merge names expected reports that are missing', async (t) => {
  const at = folderOf(t);
  const expecting = (...names: string[]) =>
    names.flatMap((name) => ['--expect', name]);
  const merge = (...args: string[]) => conformance('merge', ...args);
  const { code, stdout } = await merge(
    at('good.json'),
    ...expecting('good', 'gone'),
  );
  t.equal(code, 1);
  t.match(stdout, 'ABSENT  gone: no report of it');
  t.equal((await merge(at('good.json'), ...expecting('good'))).code, 0);
  const none = await merge(...expecting('gone'));
  t.equal(none.code, 3);
  t.match(none.stdout, 'ABSENT  gone');
});

await t.test('diff', async (t) => {
  const at = folderOf(t);
  const same = await conformance('diff', at('good.json'), at('good.json'));
  t.strictSame([same.code, same.stdout], [0, 'no differences\n']);
  const mixed = structuredClone(bad);
  mixed.runs = [
    ...good.runs.filter(({ id }) => id.startsWith('eight')).slice(1),
    ...bad.runs.filter(({ id }) => !id.startsWith('eight')),
  ];
  writeFileSync(at('mixed.json'), JSON.stringify(mixed));
  const { code, stdout } = await conformance(
    'diff',
    at('good.json'),
    at('mixed.json'),
  );
  t.equal(code, 1);
  t.match(
    stdout,
    /^2 regressions\n {2}disconnect-data\/server-first\n {6}before {2}data OK, teardown OK\n {6}after {3}data OK, teardown FAILED\n/,
  );
  t.match(stdout, /\n1 no longer run\n {2}eight-steps\/fd-close, 5a 6 7 8\n/);
  const json = await conformance(
    'diff',
    at('bad.json'),
    at('good.json'),
    '--json',
  );
  t.match(JSON.parse(json.stdout), [{ kind: 'improvement' }]);
});

await t.test('invalid files, and too many or few', async (t) => {
  const at = folderOf(t);
  await conformance(
    'merge',
    at('good.json'),
    at('bad.json'),
    '--report',
    `json=${at('all.json')}`,
  );
  const cases: [string[], RegExp][] = [
    [['merge'], /merge takes the files of one or more reports/],
    [['merge', at('broken.json')], /broken\.json: .*JSON/],
    [['merge', at('nowhere.json')], /ENOENT/],
    [['merge', '--nonsense'], /Unknown option '--nonsense'/],
    [['diff', at('good.json')], /diff takes the files of two reports, not 1/],
    [
      ['diff', at('good.json'), at('all.json')],
      /all\.json: is a merged report/,
    ],
  ];
  for (const [args, expected] of cases) {
    const { code, stdout, stderr } = await conformance(...args);
    t.match(stderr, expected, args.join(' '));
    t.strictSame({ code, stdout }, { code: 2, stdout: '' });
  }
});
