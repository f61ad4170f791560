import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { Parser } from 'tap-parser';
import { renderReport, type JsonReport } from '../../conformance/index.js';
import { coloursFor } from '../../conformance/report/colours.js';
import { changes, differences } from '../../conformance/report/compare.js';
import { diffTable } from '../../conformance/report/diff-table.js';
import { mergeReports } from '../../conformance/report/merge.js';
import { readReports } from '../../conformance/report/read.js';
import { reportFormats } from '../../conformance/report/render.js';
import { hostile, poisoned, sampleReport } from './sample-reports.js';
import { needsUnix } from '../support/platform.js';
import { dataOf } from '../support/report-page.js';

const schema = JSON.parse(
  readFileSync(
    new URL('../../../conformance/report.schema.json', import.meta.url),
    'utf8',
  ),
) as object;
const ajv = new Ajv2020({ allowUnionTypes: true });
const valid = ajv.compile(schema);

const good = await sampleReport({ name: 'good' });
const bad = await sampleReport({
  name: 'bad',
  fault: 'drops-disconnect-data',
  known: 'eight-steps/* they say that it is a feature',
});
const fixed = await sampleReport({
  name: 'fixed',
  known: 'disconnect-data/server-first mended since',
});
const refusing = await sampleReport({
  name: 'refusing',
  fault: 'knows-no-disconnect',
});
const all = { good, bad, fixed, refusing };

await t.test('counts', (t) => {
  t.match(good.summary, { runs: 7, OK: 7, failures: 0, known: 0 });
  t.match(bad.summary, { runs: 7, FAILED: 7, failures: 2, known: 5 });
  t.match(fixed.summary, { runs: 7, OK: 7, failures: 1, known: 0 });
  t.strictSame(fixed.unexpectedPasses, [
    {
      id: 'disconnect-data/server-first',
      family: 'IPv4',
      reason: 'mended since',
    },
  ]);
  t.end();
});

await t.test('JSON is as its schema has it, and can be read again', (t) => {
  for (const [name, report] of Object.entries(all)) {
    const text = renderReport('json', report);
    t.ok(valid(JSON.parse(text)), `${name}: ${ajv.errorsText(valid.errors)}`);
    const folder = t.testdir({ 'a.json': text, 'bom.json': `\uFEFF${text}` });
    for (const file of ['a.json', 'bom.json']) {
      t.strictSame(readReports(`${folder}/${file}`), [JSON.parse(text)]);
    }
  }
  const merged = mergeReports(Object.values(all), '0.0.0');
  const text = renderReport('json', merged);
  t.ok(valid(JSON.parse(text)), ajv.errorsText(valid.errors));
  const folder = t.testdir({ 'm.json': text });
  t.strictSame(
    readReports(`${folder}/m.json`).map(({ name }) => name),
    Object.keys(all),
  );
  t.end();
});

await t.test('files that are not reports', (t) => {
  const broken = structuredClone(good) as Partial<JsonReport>;
  delete broken.runs;
  const stray = { ...good, scenarios: {} };
  const cases: [string, string, RegExp][] = [
    ['no JSON', '{', /^\S+a\.json: .*JSON/],
    ['something else', '{"format":"x"}', /: not a report of "goodbyte conf/],
    ['nothing', 'null', /: not a report of/],
    [
      'a later version',
      JSON.stringify({ ...good, version: 2 }),
      /is in version 2 of the format, this goodbyte reads version 1/,
    ],
    [
      'a broken one',
      JSON.stringify(broken),
      /: not a valid report:\n {2}.*lacks "runs"/,
    ],
    ['a stray run', JSON.stringify(stray), /but not of that scenario/],
  ];
  for (const [name, text, message] of cases) {
    const folder = t.testdir({ 'a.json': text });
    t.throws(() => readReports(`${folder}/a.json`), { message }, name);
  }
  t.throws(() => readReports('/none/at/all.json'), /ENOENT/);
  t.end();
});

/** Parses a report as a consumer of TAP does. */
function parseTap(text: string) {
  const results: Assertion[] = [];
  let complete: object | undefined;
  const parser = new Parser({ strict: true });
  parser.on('assert', (result) => results.push(result as Assertion));
  parser.on('complete', (came) => (complete = came));
  parser.end(text);
  return { results, complete };
}

interface Assertion {
  ok: boolean;
  name: string;
  todo?: string | boolean;
  diag?: { findings?: { expected: string; clause: string }[] };
}

await t.test('TAP', (t) => {
  t.match(parseTap(renderReport('tap', good)).complete, { ok: true, count: 7 });

  const { complete, results } = parseTap(renderReport('tap', bad));
  t.match(complete, { ok: false, count: 7, todo: 5, fail: 7 });
  const [first] = results;
  t.match(first, {
    ok: false,
    name: 'disconnect-data/server-first',
    diag: {
      verdict: 'FAILED',
      data: 'OK',
      teardown: 'FAILED',
      findings: [
        {
          step: 'heard',
          clause: 'WSASendDisconnect function (winsock2.h), Remarks',
          expected: 'data: "closing for the night"',
          got: 'data: no data',
        },
      ],
    },
  });
  t.match(results.filter(({ todo }) => todo)[0], {
    todo: 'known failure: they say that it is a feature',
  });

  const passed = parseTap(renderReport('tap', fixed));
  t.match(passed.complete, { ok: false, count: 8, fail: 1 });
  t.match(passed.results[7], {
    ok: false,
    name: 'disconnect-data/server-first: an unexpected pass',
  });

  const nothing: JsonReport = { ...good, runs: [] };
  t.match(renderReport('tap', nothing), '1..0 # SKIP nothing ran');
  const merged = renderReport('tap', mergeReports([good, bad], ''));
  t.match(parseTap(merged).results[0]?.name, /^good: /);

  const evil = parseTap(renderReport('tap', poisoned(bad)));
  t.match(evil.complete, { count: 7, fail: 7, todo: 5 }, 'nothing was added');
  t.end();
});

const noProve =
  needsUnix('prove') ||
  (spawnSync('prove', ['--version']).status !== 0 && 'there is no prove');

await t.test('prove reads TAP 13', { skip: noProve }, (t) => {
  const cases: [JsonReport, number, RegExp][] = [
    [good, 0, /\nResult: PASS\n/],
    [refusing, 1, /\nResult: FAIL\n/],
    [poisoned(bad), 1, /\nResult: FAIL\n/],
    [{ ...good, runs: [] }, 0, /\nResult: NOTESTS\n/],
  ];
  for (const [report, status, result] of cases) {
    const text = renderReport('tap13', report);
    const folder = t.testdir({ 'a.tap': text });
    const args = ['--nocolor', '--merge', '--exec', 'cat', `${folder}/a.tap`];
    const proved = spawnSync('prove', args, { encoding: 'utf8' });
    t.equal(proved.status, status, proved.stdout);
    t.match(proved.stdout, result);
    t.notMatch(proved.stdout, /Parse errors/);
    t.equal(
      text.replace('TAP version 13', 'TAP version 14'),
      renderReport('tap', report),
    );
  }
  t.end();
});

await t.test('JUnit', (t) => {
  const xml = renderReport('junit', bad);
  t.match(xml, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites /);
  t.match(
    xml,
    /<testsuite name="disconnect-data" tests="2" failures="2" errors="0" skipped="0"/,
  );
  t.match(
    xml,
    '<failure message="heard (WSARecvDisconnect) by the client: expected data: &quot;closing for the night&quot;,' +
      ' actual data: no data" type="FAILED (MUST)">FAILED at step heard ' +
      '(WSARecvDisconnect) by the client\nclause: WSASendDisconnect function (winsock2.h),',
  );
  t.match(
    xml,
    '<skipped message="known failure: they say that it is a feature">FAILED at',
  );
  t.match(renderReport('junit', fixed), /type="unexpected pass"\/>/);
  const evil = renderReport('junit', poisoned(bad));
  t.notMatch(evil, '<script>');
  for (const character of ['\0', '\u001B', '\uD800']) {
    t.notOk(evil.includes(character), 'is no XML');
  }
  t.end();
});

await t.test('the table on a terminal', (t) => {
  const text = renderReport('console', poisoned(bad));
  t.match(text, /\n7 runs: 7 FAILED, 5 of them known to fail {2}in /);
  t.match(text, /known to fail {2}they say that it is a feature/);
  t.notMatch(text, '\u001B', 'what an agent says paints nothing');
  t.match(
    renderReport('console', fixed),
    /unexpected pass {2}disconnect-data\/server-first: known to fail \(mended/,
  );
  const merged = renderReport('console', mergeReports([good, bad], ''));
  t.match(merged, /passed {2}good: 7 runs, 7 OK\nFAILED {2}bad: 7 runs/);
  t.match(
    merged,
    /differs {2}eight-steps\/fd-close\n {4}data OK, teardown OK {2}good\n {4}data OK, teardown FAILED {2}bad/,
  );
  t.match(
    renderReport('console', mergeReports([good, good], '')),
    'All say the same of every case.',
  );
  const fewer = { ...good, name: 'few', runs: good.runs.slice(0, 1) };
  const few = renderReport('console', mergeReports([good, fewer], ''));
  t.match(
    few,
    /few did not run 1 cases of the others:\n {4}eight-steps\/fd-close/,
  );
  t.match(few, 'All say the same of every case that they have in common.');
  t.end();
});

await t.test(
  'no invisible character gets through, from any source',
  async (t) => {
    const unseen = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\uFFFE]/u;
    const evil = poisoned({ ...bad, sampled: ['a case'] });
    evil.unexpectedPasses = poisoned(fixed).unexpectedPasses;
    const innocent = structuredClone(good);
    innocent.runs[0]!.verdict = 'FAILED';
    innocent.runs[0]!.data = 'FAILED';
    const merged = mergeReports([evil, poisoned(innocent)], hostile);
    for (const format of reportFormats) {
      for (const report of [evil, merged]) {
        const text = renderReport(format, report);
        t.notMatch(text, unseen, format);
        const line =
          format === 'github' ? /^(?!::error title=[^:,]+::)/m : /^::/m;
        t.notMatch(text.trimEnd(), line, `${format}: no line of its own`);
      }
    }
    t.notMatch(diffTable(changes(good, evil), coloursFor({})), unseen);
    t.strictSame(
      JSON.parse(renderReport('json', evil)),
      JSON.parse(JSON.stringify(evil)),
      'JSON has the same in escapes',
    );
    t.match(renderReport('console', evil), '\\u202e\\u2028');
    t.match(renderReport('console', evil), '\\udb40\\udc01', 'beyond 16 bits');
    t.end();
  },
);

await t.test('a system that is absent, and one that is partial', (t) => {
  const [first, ...others] = good.runs;
  const notRun = others.map(({ id, family, order, repetition }) => ({
    id,
    family,
    order,
    repetition,
  }));
  const partial: JsonReport = {
    ...good,
    name: 'half',
    runs: [first!],
    broken: { why: 'the power went', notRun },
    summary: { ...good.summary, runs: 1, notRun: notRun.length },
  };
  const merged = mergeReports([good, partial], '', ['good', 'half', 'macos']);
  t.strictSame(merged.absent, ['macos']);
  t.ok(
    valid(JSON.parse(renderReport('json', merged))),
    ajv.errorsText(valid.errors),
  );
  const text = renderReport('console', merged);
  t.match(
    text,
    /\nPARTIAL {2}half: 1 runs, .*\n {4}broken off: the power went\n/,
  );
  t.match(text, /\n {4}not run {2}eight-steps\/fd-close\n/);
  t.match(text, /\nABSENT {2}macos: no report of it\n/);
  t.match(
    text,
    /Not all can be compared: macos \(absent\), half \(partial\)\./,
  );
  t.notMatch(text, 'All say the same');
  t.match(
    renderReport('tap', merged),
    /\nnot ok \d+ - macos: no report of it\n/,
  );
  t.match(renderReport('tap', merged), /\nBail out! half: the power went\n/);
  const junit = renderReport('junit', merged);
  t.match(junit, '<error message="no report of it" type="absent"/>');
  t.match(junit, '<error message="not run: the power went" type="not run"/>');
  t.match(dataOf(renderReport('html', merged)), '"absent":["macos"]');
  t.end();
});

await t.test('annotations on GitHub', (t) => {
  t.equal(renderReport('github', good), '');
  const text = renderReport('github', bad);
  t.equal(text.match(/^::error/gm)?.length, 1, 'one for a case, none if known');
  t.match(
    text,
    /^::error title=disconnect-data\/server-first on bad::.*%0AFAILED at step heard \(WSARecvDisconnect\) by the client%0Aclause: /,
  );
  t.match(
    renderReport('github', fixed),
    /passes, and is known to fail: mended since\n$/,
  );
  const [run] = refusing.runs;
  const many: JsonReport = {
    ...bad,
    runs: Array.from({ length: 30 }, (_, id) => ({
      ...run!,
      id: `case/${id}`,
      verdict: 'FAILED',
    })),
  };
  const lines = renderReport('github', many).trimEnd().split('\n');
  t.equal(lines.length, 10);
  t.match(lines.at(-1), /title=21 more failures::case\/9 on bad%0Acase\/10/);
  t.end();
});

await t.test('HTML: data stays data', (t) => {
  const html = renderReport('html', poisoned(bad));
  t.equal(html.match(/<script/g)?.length, 2, 'the data and the script');
  t.notMatch(html, hostile);
  t.notMatch(html, /(?:src|href)=/, 'it needs nothing else');
  t.match(
    html,
    /Content-Security-Policy"\s+content="default-src 'none'; script/,
  );
  t.end();
});

await t.test('differences between reports', (t) => {
  const fewer = {
    ...good,
    runs: good.runs.filter(({ id }) => id.startsWith('disconnect-data/')),
  };
  t.strictSame(differences([good, fixed]), []);
  t.strictSame(differences([good, bad, fewer]), [
    {
      id: 'disconnect-data/server-first',
      family: 'IPv4',
      verdicts: [
        { data: 'OK', teardown: 'OK' },
        { data: 'OK', teardown: 'FAILED' },
        { data: 'OK', teardown: 'OK' },
      ],
    },
    {
      id: 'eight-steps/fd-close',
      family: 'IPv4',
      verdicts: [
        { data: 'OK', teardown: 'OK' },
        { data: 'OK', teardown: 'FAILED' },
        null,
      ],
    },
  ]);
  t.strictSame(differences([good, fewer]), [], 'not run is not different');
  const kinds = (before: JsonReport, after: JsonReport) =>
    changes(before, after).map(({ kind, name }) => `${kind} ${name}`);
  t.strictSame(kinds(good, fixed), []);
  t.match(kinds(good, bad)[0], 'regression disconnect-data/server-first');
  t.match(kinds(bad, good)[0], 'improvement disconnect-data/server-first');
  t.match(kinds(good, fewer)[0], 'missing eight-steps/fd-close, 5a 6 7 8');
  t.match(kinds(fewer, good)[0], 'new eight-steps/fd-close, 5a 6 7 8');
  t.end();
});

await t.test('names of merged reports', (t) => {
  t.strictSame(
    mergeReports([good, bad, good, good], '').reports.map(({ name }) => name),
    ['good', 'bad', 'good (2)', 'good (3)'],
  );
  t.end();
});
