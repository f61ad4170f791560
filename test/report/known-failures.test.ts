import t from 'tap';
import { KnownFailures } from '../../conformance/runner/known-failures.js';
import type { RunResult } from '../../conformance/index.js';
import type { Case } from '../../conformance/index.js';

const list = `# what our provider does not do yet
close/bare-fin   no FIN is seen  # nor will be

disconnect-data/*\tdropped
  sizes[size=1] (unix)  one octet (on a socket file)
messages/* (IPv6) x
`;

const known = new KnownFailures(list, 'known.txt');

await t.test('why a case is known to fail', (t) => {
  const cases: [string, RunResult['family'], string | undefined][] = [
    ['close/bare-fin', 'IPv4', 'no FIN is seen  # nor will be'],
    ['close/bare-fin', 'unix', 'no FIN is seen  # nor will be'],
    ['close/bare-fin-too', 'IPv4', undefined],
    ['disconnect-data/none', 'IPv6', 'dropped'],
    ['sizes[size=1]', 'unix', 'one octet (on a socket file)'],
    ['sizes[size=1]', 'IPv4', undefined],
    ['messages/a', 'IPv6', 'x'],
    ['messages/a', 'IPv4', undefined],
  ];
  for (const [id, family, reason] of cases) {
    t.equal(known.reasonFor({ id, family }), reason, `${id} ${family}`);
  }
  t.end();
});

await t.test('a line without a reason is refused', (t) => {
  for (const line of ['close/bare-fin', 'close/bare-fin (unix)  ']) {
    t.throws(
      () => new KnownFailures(`# x\n${line}`, 'known.txt'),
      /^known\.txt:2: has to be the id .* not "close/,
    );
  }
  t.strictSame(new KnownFailures('', 'empty').unused([]), []);
  t.end();
});

await t.test('a fixed case is reported, if none of its runs fails', (t) => {
  const run = (
    id: string,
    verdict: RunResult['verdict'],
    family: RunResult['family'] = 'IPv4',
  ) => ({ id, verdict, family }) as RunResult;
  const runs = [
    run('close/bare-fin', 'OK'),
    run('close/bare-fin', 'FAILED'),
    run('disconnect-data/a', 'OK'),
    run('disconnect-data/a', 'OK'),
    run('disconnect-data/b', 'NON-STRICT'),
    run('disconnect-data/c', 'UNIMPLEMENTED'),
    run('close/other', 'OK'),
  ];
  const passedOf = (strict: boolean) =>
    known.passed(runs, strict).map(({ id, reason }) => [id, reason]);
  t.strictSame(passedOf(true), [['disconnect-data/a', 'dropped']]);
  t.strictSame(passedOf(false), [
    ['disconnect-data/a', 'dropped'],
    ['disconnect-data/b', 'dropped'],
  ]);
  t.end();
});

await t.test('lines that fit nothing', (t) => {
  const tested = { name: 'close/bare-fin', family: 'IPv4' } as Case;
  t.strictSame(known.unused([tested]), [
    'disconnect-data/*',
    'sizes[size=1] (unix)',
    'messages/* (IPv6)',
  ]);
  t.end();
});
