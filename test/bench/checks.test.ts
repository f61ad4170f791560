import t from 'tap';
import { Burst } from '../../bench/burst/burst.js';
import { Reply } from '../../bench/echo/echo.js';
import { Exchanges, expectWord, idOf } from '../../bench/exchange/exchanges.js';
import { Messages } from '../../bench/messages/messages.js';
import { makeRows } from '../../bench/report.js';
import type { Comparison } from '../../bench/comparison.js';
import { OneWay, OPERATION, WRITE } from '../../bench/one-way/one-way.js';
import { measure } from '../../bench/support/rate.js';

// A contender that loses something must fail, however fast it is.

t.test('a lost or wrong word is reported', (t) => {
  expectWord('server', 7, 'server 00000007');
  for (const heard of [undefined, '', 'server 00000008', 'client 00000007']) {
    t.throws(() => {
      expectWord('server', 7, heard);
    }, /^the server said "server 00000007", but "/);
  }
  t.equal(idOf('caller 00000012'), 12);
  t.throws(() => idOf('nobody'));
  t.throws(() => idOf(undefined));
  t.end();
});

t.test('an exchange is over when both sides are closed', (t) => {
  const exchanges = new Exchanges();
  const told: (Error | undefined)[] = [];
  const id = exchanges.begin((error) => told.push(error));
  exchanges.closed(id);
  t.strictSame(told, []);
  exchanges.closed(id);
  t.strictSame(told, [undefined]);
  exchanges.closed(id);
  t.strictSame(told, [undefined]);
  t.end();
});

t.test(
  'a failed one ends at once, and a failure without an id ends all',
  (t) => {
    const exchanges = new Exchanges();
    const told: unknown[] = [];
    const trouble = new Error('lost');
    const id = exchanges.begin((error) => told.push(error));
    exchanges.begin((error) => told.push(error));
    exchanges.failed(id, trouble);
    exchanges.failed(id, trouble);
    t.strictSame(told, [trouble]);
    exchanges.failed(undefined, trouble);
    t.strictSame(told, [trouble, trouble]);
    t.end();
  },
);

t.test('of one exchange at a time the connect is timed', async (t) => {
  const exchanges = new Exchanges();
  t.notOk('latency' in new Exchanges().work(2, () => {}));
  await new Promise<void>((resolve) => {
    const work = exchanges.work(1, (done) => {
      exchanges.accepted(exchanges.begin(done));
      t.ok(work.latency!() >= 0);
      t.ok(Number.isNaN(work.latency!()), 'each is counted once');
      resolve();
    });
    work.run(0, () => {});
  });
});

t.test('a reply in pieces is whole, a wrong one is reported', (t) => {
  const told: (Error | undefined)[] = [];
  const reply = new Reply();
  reply.expect(Buffer.from('abcd'), (error) => told.push(error));
  reply.take(Buffer.from('ab'));
  t.strictSame(told, []);
  reply.take(Buffer.from('cd'));
  t.strictSame(told, [undefined]);
  for (const wrong of ['abcx', 'abcde', 'x']) {
    reply.expect(Buffer.from('abcd'), (error) => told.push(error));
    reply.take(Buffer.from(wrong));
    t.match(told.at(-1), /differs from the message/);
  }
  t.throws(() => {
    new Reply().take(Buffer.from('from nowhere'));
  });
  t.end();
});

t.test('octets of one direction arrive whole and in order', (t) => {
  const written: Buffer[] = [];
  let drain = () => {};
  const work = new OneWay({
    write: (octets) => {
      written.push(octets);
      return written.length % 16 !== 0;
    },
    on: (_event, listener) => {
      drain = listener;
    },
  });
  const told: (Error | undefined)[] = [];
  work.run(0, (error) => told.push(error));
  while (written.length < OPERATION / WRITE) drain();
  const [first] = written;
  work.received(first!.subarray(0, 100));
  work.received(first!.subarray(100));
  for (const octets of written.slice(1)) work.received(octets);
  t.strictSame(told, [undefined]);

  work.run(0, (error) => told.push(error));
  work.received(first!.subarray(1, 100));
  t.match(told.at(-1), /other octets than were written/);
  t.end();
});

t.test('messages arrive whole, in order and once', (t) => {
  const size = { octets: 4, count: 300 };
  const sent: Buffer[] = [];
  let isFull = false;
  const work = new Messages(size, (message) => {
    if (isFull) return false;
    sent.push(message);
    isFull = sent.length % 100 === 0;
    return true;
  });
  const told: (string | undefined)[] = [];
  work.goOn();
  t.equal(sent.length, 0, 'nothing is sent before it is asked for');
  const run = () => {
    work.run(0, (error) => told.push(error?.message));
  };
  run();
  while (sent.length < size.count) {
    isFull = false;
    work.goOn();
  }
  for (const message of sent) work.received(message);
  t.strictSame(told, [undefined]);
  work.received(sent[0]!);
  const wrong = [
    sent[1]!,
    sent[0]!.subarray(1),
    Buffer.concat([sent[0]!, sent[0]!]),
  ];
  for (const message of wrong) {
    run();
    work.received(message);
  }
  t.match(
    told.slice(1),
    [...wrong, 0].map(() => /another message/),
  );
  t.end();
});

t.test('a failed operation fails the measurement', async (t) => {
  const trouble = new Error('lost');
  const run = (_lane: number, done: (error?: Error) => void) => {
    setImmediate(done, trouble);
  };
  await t.rejects(measure({ lanes: 2, run }, 0.01), trouble);
});

t.test('a burst has to arrive complete and unchanged', (t) => {
  const burst = new Burst(() => {});
  const told: (string | undefined)[] = [];
  const run = (...octets: Buffer[]) => {
    burst.run(0, (error) => told.push(error?.message));
    for (const each of octets) burst.received(each);
  };
  run(Buffer.alloc(99_999, 'b'));
  t.strictSame(told, [], 'an octet is missing');
  burst.received(Buffer.from('b'));
  t.strictSame(told, [undefined]);
  run(Buffer.alloc(100_001, 'b'));
  run(Buffer.from('x'));
  t.match(told, [
    undefined,
    /other octets than were written/,
    /other octets than were written/,
  ]);
  t.end();
});

t.test('a row is unclear where its runs lie on both sides of its bar', (t) => {
  const cases: [ours: number[], bar: number | null, unclear: boolean][] = [
    [[19, 20, 21], 1, false],
    [[19, 20, 21], 2, true],
    [[5, 20, 21], 1, true],
    [[5, 6, 7], 1, false],
    [[9, 10, 11], null, true],
    [[21, 22, 23], null, false],
  ];
  const work = 'echo';
  for (const [rates, bar, unclear] of cases) {
    const comparison: Comparison = {
      name: 'row',
      what: '',
      unit: '',
      ours: { contender: { work, variant: 'socket' }, figure: 'rate' },
      peer: { contender: { work, variant: 'net' }, figure: 'rate' },
      better: 'more',
      bar,
    };
    const [row] = makeRows(
      [comparison],
      [
        { contender: comparison.ours.contender, runs: rates.map(asRate) },
        {
          contender: comparison.peer.contender,
          runs: [9.5, 10, 10.5].map(asRate),
        },
      ],
    );
    t.equal(row!.unclear, unclear, `${rates.join()} against ${bar}`);
  }
  t.end();
});

function asRate(rate: number) {
  return { rate };
}
