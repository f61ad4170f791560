import t from 'tap';
import { judge } from '../../bench/soak/judge.js';
import { planOf } from '../../bench/soak/plan.js';
import { Account } from '../../bench/soak/side.js';
import { departures, type Census } from '../../bench/soak/census.js';
import { soak, testCycles, testSessions, testTeardowns } from './soak-runs.js';

// test/whole runs a hundred of each.
testTeardowns(20);

t.test('one that is lost is seen', async (t) => {
  const { code, out } = await soak('--teardowns', '10', '--way', 'abort');
  t.equal(code, 1, out);
  for (const medium of ['tcp', 'unix', 'tls']) {
    t.match(
      out,
      new RegExp(`^${medium} +abort +teardowns: 10 +lost: 10 `, 'm'),
    );
  }
});

testCycles('engine');
testSessions('engine');

t.test('objects that cycles leave are found', (t) => {
  const look: Census = {
    handles: 1,
    resources: '1 PipeWrap',
    rss: 50_000_000,
    heapUsed: 5_000_000,
    external: 2_000_000,
    arrayBuffers: 1_000_000,
  };
  t.strictSame(departures(look, look, look), []);
  const cases: [Partial<Census>, RegExp][] = [
    [{ handles: 2 }, /^handles: 2 now, but 1 at first$/],
    [{ resources: '' }, /^resources:  now, but 1 PipeWrap at first$/],
    [
      { rss: 100_000_000 },
      /^rss grew by 50000000 octets, but \d+ are allowed$/,
    ],
    [{ heapUsed: 9_000_000 }, /^heapUsed grew by 4000000 octets/],
    [{ external: 4_000_000 }, /^external grew by 2000000 octets/],
    [{ arrayBuffers: 4_000_000 }, /^arrayBuffers grew by 3000000 octets/],
  ];
  for (const [change, told] of cases) {
    t.match(departures(look, look, { ...look, ...change }), [told]);
  }
  t.end();
});

t.test('a wrong word to a session is found', (t) => {
  const word = Buffer.from('word');
  const whole = {
    writes: 1,
    callbacks: 1,
    written: 10,
    octets: 10,
    words: [word],
    graceful: true,
    word,
    closed: 1,
  };
  const reset = { graceful: false, word: undefined, error: new Error('reset') };
  const cases: [string, Partial<Account>, Partial<Account>, RegExp][] = [
    ['whole', {}, {}, /^whole$/],
    ['a hole', { octets: 9 }, {}, /misreported: .* after 9 of 10 octets/],
    ['no word', { word: undefined }, {}, /misreported: .* word of 0 octets/],
    ['a reset', reset, { mayReset: true }, /^told$/],
    ['without cause', reset, {}, /lost: .* nothing had failed/],
    ['silence', { graceful: false }, {}, /lost: .* neither/],
    ['it left', { graceful: false, left: true }, {}, /^told$/],
    ['not called back', { callbacks: 0 }, {}, /misreported: .* 0 of 1 writes/],
    ['called back twice', { calledTwice: true }, {}, /misreported: .* twice/],
    ['other octets', { garbled: true }, {}, /misreported: .* other octets/],
    [
      'data after the end',
      { behindEnd: true },
      {},
      /misreported: .* after the end/,
    ],
    [
      'another answer',
      { resolved: { word: undefined } },
      {},
      /misreported: .* disconnect\(\) resolve to 0 octets/,
    ],
    [
      'an answer to a peer that reported a failure',
      { resolved: { word }, mayReset: true },
      reset,
      /misreported: .* reported a failure/,
    ],
  ];
  for (const [name, one, other, expected] of cases) {
    const first = Object.assign(new Account(), whole, one);
    const second = Object.assign(new Account(), whole, other);
    for (const ends of [
      [first, second],
      [second, first],
    ] as const) {
      const finding = judge(...ends);
      const { kind } = finding;
      t.match(
        'what' in finding ? `${kind}: ${finding.what}` : kind,
        expected,
        name,
      );
    }
  }
  t.end();
});

t.test('a seed repeats a session', (t) => {
  t.strictSame(planOf(4711), planOf(4711));
  t.notSame(planOf(4711), planOf(4712));
  t.end();
});

t.test('an unknown transport', async (t) => {
  const { code, out } = await soak('--transport', 'raven');
  t.equal(code, 2);
  t.match(out, /no --transport "raven"; take one of: engine, stream/);
});

t.test('a wrong option is reported with the valid values', async (t) => {
  const { code, out } = await soak('--medium', 'carrier-pigeon');
  t.equal(code, 2);
  t.match(out, /no --medium "carrier-pigeon"; take one of: tcp, unix, tls/);
});

t.test('--help lists the options', async (t) => {
  const { code, out } = await soak('--help');
  t.equal(code, 0);
  t.match(out, /^npm run soak -- \[options\]$/m);
  t.match(out, /^ {2}--teardowns N +teardowns over each medium/m);
  t.match(out, /^ {2}--medium NAME +for teardowns: tcp unix tls$/m);
});

t.test('an unknown option', async (t) => {
  const { code, out } = await soak('--carrier-pigeon');
  t.equal(code, 2);
  t.match(out, /^Unknown option '--carrier-pigeon'/);
});
