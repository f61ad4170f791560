import t from 'tap';
import { cli as run } from './cli-harness.js';
import { useFake } from '../provider/winsock2/with-fake.js';

// `goodbyte providers`, above Winsock2 in memory.
useFake();

async function cli(...args: string[]): Promise<[number, string, string]> {
  const { code, stdout, stderr } = await run(args);
  return [code, stdout, stderr];
}

await t.test('the catalog', async (t) => {
  const [code, stdout, stderr] = await cli('providers');
  t.strictSame([code, stderr], [0, '']);
  t.match(
    stdout,
    /^ {2}2001 {2}Fake TCP\n +AF_INET, SOCK_STREAM, protocol 6\n/,
  );
  t.match(stdout, / 0x1a6 XP1_CONNECT_DATA XP1_DISCONNECT_DATA /);
  t.match(stdout, /base provider\n/);
  t.match(stdout, / 2003 {2}Fake TCP\n +family 6, /, 'all of it');
});

await t.test('as JSON', async (t) => {
  const [code, stdout] = await cli('providers', '--json');
  t.equal(code, 0);
  const { entries } = JSON.parse(stdout) as { entries: object[] };
  t.equal(entries.length, 3);
  t.match(entries[1], {
    catalogEntryId: 2002,
    family: 'AF_INET',
    type: 'SOCK_SEQPACKET',
    kind: 'base provider',
    chain: [],
    path: '',
  });
});

await t.test('one provider', async (t) => {
  const [code, stdout] = await cli('providers', '--provider', 'winsock2:2002');
  t.equal(code, 0);
  t.match(stdout, /^ {2}2002 {2}Fake messages\n/);
  t.notMatch(stdout, /2001/);
});

await t.test('a provider that is not available', async (t) => {
  const cases: [string[], RegExp][] = [
    [['providers', '--provider', 'winsock2:7'], /has no entry 7/],
    [['providers', '--provider', 'x'], /unknown provider "x"/],
    [['providers', 'nonsense'], /the commands are "list", "measure"/],
  ];
  for (const [args, message] of cases) {
    const [code, stdout, stderr] = await cli(...args);
    t.strictSame([code, stdout], [2, ''], args.join(' '));
    t.match(stderr, message);
  }
});
