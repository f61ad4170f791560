import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { WinsockError } from '../../src/errors.js';
import {
  nodeErrorCode,
  WinsockErrorCodes,
} from '../../src/vocabulary/error-codes.js';

// docs/errors.md has exactly the error codes of the sources.

const root = path.resolve(import.meta.dirname, '../../..');
const read = (name: string) => readFileSync(path.join(root, name), 'utf8');

const anchors = Array.from(
  read('docs/errors.md').matchAll(/<a id="([^"]+)"><\/a>/g),
  ([, id]) => id!,
);

/** The cells of a section's table, row by row, without header and anchors. */
function rowsOf(section: string): string[][] {
  const [, text = ''] = read('docs/errors.md').split(`\n## ${section}\n`);
  return Array.from(
    text.split('\n## ')[0]!.matchAll(/^\|(.+)\|$/gm),
    ([, row = '']) =>
      row.split('|').map((cell) => cell.replace(/<a .+<\/a>|`/g, '').trim()),
  ).slice(2);
}

const firstsOf = (section: string) => rowsOf(section).map(([name]) => name!);

t.test('every row says when it occurs, and what to do', (t) => {
  for (const section of [
    'System codes',
    'Rules of the wire format',
    'Errors of the program',
  ]) {
    const rows = rowsOf(section);
    t.ok(rows.length > 0, section);
    for (const row of rows) t.notOk(row.includes(''), row.join(' | '));
  }
  t.end();
});

t.test('Winsock’s codes, with their numbers and Node’s names', (t) => {
  t.strictSame(
    rowsOf('Codes of Winsock').map(([name, number, code]) => [
      name,
      Number(number),
      code,
    ]),
    Object.entries(WinsockErrorCodes).map(([name, number]) => [
      name,
      number,
      nodeErrorCode(number),
    ]),
  );
  t.end();
});

t.test('each code has one anchor, to which its errors point', (t) => {
  const violations = firstsOf('Rules of the wire format');
  const errors = [
    ...Object.values(WinsockErrorCodes).map((code) => new WinsockError(code)),
    ...violations.map((violation) => new WinsockError(10054, { violation })),
  ];
  for (const { see, code, violation } of errors) {
    const [page, anchor = ''] = see!.split('#');
    t.equal(page, 'goodbyte/docs/errors.md');
    t.equal(anchors.filter((id) => id === anchor).length, 1, violation ?? code);
  }
  t.equal(new WinsockError(12345).see, undefined, 'an unknown code');
  t.end();
});

t.test('references to the system codes lead there', (t) => {
  const known = firstsOf('System codes');
  for (const [name, , code, when] of rowsOf('Codes of Winsock')) {
    if (!when?.startsWith('see')) continue;
    t.equal(when, `see [above](#${code!.toLowerCase()})`);
    t.ok(known.includes(code!), name!);
  }
  t.end();
});

t.test('the names of violations', (t) => {
  const source = read('src/provider/framed/violation.ts');
  const [, names = ''] = /type ViolationName =([^;]+);/.exec(source)!;
  t.strictSame(
    firstsOf('Rules of the wire format'),
    Array.from(names.matchAll(/'([^']+)'/g), ([, name]) => name),
  );
  t.end();
});

t.test('codes that begin with ERR_', (t) => {
  const sources = readdirSync(path.join(root, 'src'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(path.join('src', name)));
  const codes = Array.from(
    sources.join('\n').matchAll(/'(ERR_[A-Z_]+)'/g),
    ([, code]) => code!,
  );
  t.strictSame(
    firstsOf('Errors of the program').toSorted(),
    [...new Set(codes)].toSorted(),
  );
  t.end();
});
