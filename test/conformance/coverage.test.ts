import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { loadScenarios } from '../../conformance/index.js';
import {
  findClause,
  loadClauseFiles,
} from '../../conformance/scenario/clauses.js';
import {
  checkersOf,
  coveragePage,
  gapsIn,
} from '../../conformance/scenario/coverage.js';
import { casesOf } from '../../conformance/scenario/expand.js';
import { validate, type Schema } from '../../conformance/schema.js';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (...parts: string[]): string =>
  readFileSync(path.join(root, ...parts), 'utf8');

const scenarios = loadScenarios();
const clauses = loadClauseFiles().flatMap((file) => file.clauses);
const idsOf = (prefix: string): string[] =>
  clauses.map(({ id }) => id).filter((id) => id.startsWith(`${prefix}/`));

await t.test('the files of clauses are valid, for ajv too', (t) => {
  const schema = JSON.parse(read('conformance', 'clauses.schema.json'));
  const valid = new Ajv2020().compile(schema as object);
  for (const file of readdirSync(path.join(root, 'conformance', 'clauses'))) {
    const value: unknown = JSON.parse(read('conformance', 'clauses', file));
    t.ok(valid(value), file);
    t.strictSame(validate(value, schema as Schema), [], file);
  }
  t.equal(new Set(clauses.map(({ id }) => id)).size, clauses.length);
  t.throws(() => findClause('winsock/none/1'), /no clause "winsock\/none\/1"/);
  t.end();
});

await t.test('every trap and every row of the contract is a clause', (t) => {
  const numbers = (count: number, prefix: string): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}/${index + 1}`);
  t.strictSame(idsOf('trap'), numbers(29, 'trap'));
  t.strictSame(idsOf('contract'), numbers(16, 'contract'));
  t.end();
});

/** Sentences of the specification that say MUST or MUST NOT. */
function obligations(): string[] {
  return read('docs', 'wire-format.md')
    .split('\n')
    .filter((line) => !line.startsWith('MUST, MUST NOT, SHOULD'))
    .flatMap((line) => line.replace(/^(\d+\.|-) /, '').split(/(?<=[.;]) /))
    .filter((sentence) => /\bMUST\b/.test(sentence))
    .map((sentence) => sentence.trim().replace(/[.;:]$/, ''));
}

await t.test('every MUST of the wire format is a clause', (t) => {
  const sentences = clauses
    .filter(({ id }) => id.startsWith('wire/'))
    .map(({ sentence }) => sentence);
  const found = obligations();
  t.ok(found.length >= 12, `${found.length} obligations`);
  for (const obligation of found) {
    const said = sentences.some((sentence) => sentence.includes(obligation));
    t.ok(said, obligation);
  }
  t.end();
});

await t.test('a clause of the wire format is one of its sentences', (t) => {
  const plain = (text: string): string => text.replaceAll(/\s+/g, ' ');
  const document = plain(read('docs', 'wire-format.md'));
  for (const { id, sentence } of clauses) {
    if (!id.startsWith('wire/') || !/\bMUST\b/.test(sentence)) continue;
    t.ok(document.includes(plain(sentence).replace(/\.$/, '')), id);
  }
  t.end();
});

await t.test('every clause has a scenario, or a reason for none', (t) => {
  t.strictSame(gapsIn(scenarios), []);
  const checkers = checkersOf(scenarios);
  const both = clauses.filter(
    ({ id, unobservable }) => unobservable !== undefined && checkers.has(id),
  );
  t.strictSame(both, []);
  const few = clauses.filter(({ unobservable }) => unobservable !== undefined);
  t.ok(few.length < clauses.length / 10, `${few.length} are not observable`);
  for (const scenario of scenarios) {
    t.ok(scenario.clauses!.length > 0, `${scenario.id} names a clause`);
  }
  t.ok(scenarios.flatMap((one) => casesOf(one)).length >= 500);
  t.end();
});

await t.test('a gap is reported, and is on the page', async (t) => {
  const without = scenarios.filter(
    ({ clauses: ids = [] }) => !ids.includes('contract/16'),
  );
  t.strictSame(
    gapsIn(without)
      .filter(({ id }) => id.startsWith('contract/'))
      .map(({ id }) => id),
    ['contract/16'],
  );
  t.match(coveragePage(without), /`contract\/16` .*\n {2}\*\*no scenario\*\*/);
});

await t.test('docs/conformance-coverage.md is up to date', async (t) => {
  const script = path.join(root, 'scripts', 'conformance-coverage.mjs');
  const run = promisify(execFile)(process.execPath, [script, '--check']);
  t.strictSame(await run, { stdout: '', stderr: '' });
});
