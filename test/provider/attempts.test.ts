import type { LookupAddress } from 'node:dns';
import { setImmediate } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Attempts, type Dialer } from '../../src/provider/attempts.js';
import type { Lookup, TcpTarget } from '../../src/provider/provider.js';
import type { Candidate } from '../../src/provider/resolve.js';

/** When an attempt at an address ends: at once, later, or only when given up. */
type End = 'refuses' | 'refuses later' | 'connects' | 'never';

type Names = Record<string, End>;

function lookupOf(names: Names): Lookup {
  return (_host, _options, done) => {
    process.nextTick(
      done,
      null,
      Object.keys(names).map((address): LookupAddress => ({
        address,
        family: familyOf(address),
      })),
    );
  };
}

function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

/** Records the calls that it gets, among the events. */
class Recorder implements Dialer {
  readonly log: string[] = [];
  readonly attempts: Attempts;
  readonly #names: Names;
  readonly #families: readonly number[];
  /** The listener closes everything. */
  readonly #leavesAt: string | undefined;
  error: Error | undefined;
  local: Attempts['local'];
  /** Resolves when all is over, or nothing more can happen. */
  readonly isOver: Promise<void>;
  #over!: () => void;

  constructor(
    names: Names,
    target: Partial<TcpTarget> = {},
    {
      isTimed = true,
      families = [4, 6],
      leavesAt,
    }: {
      isTimed?: boolean;
      families?: readonly number[];
      leavesAt?: string;
    } = {},
  ) {
    this.#names = names;
    this.#families = families;
    this.#leavesAt = leavesAt;
    this.isOver = new Promise((resolve) => {
      this.#over = resolve;
    });
    this.attempts = new Attempts(
      {
        host: 'name',
        port: 7,
        lookup: lookupOf(names),
        autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: 1,
        onprogress: (event, ...about) => {
          const [first, second] = about;
          this.#note(`${event} ${String(first ?? second)}`);
        },
        ...target,
      },
      this,
      isTimed,
    );
  }

  #note(what: string): void {
    this.log.push(what);
    if (!this.#leavesAt || !what.startsWith(`${this.#leavesAt} `)) return;
    this.attempts.abandon();
    this.#over();
  }

  supports(family: number): boolean {
    return this.#families.includes(family);
  }

  connect({ address }: Candidate): Error | undefined {
    this.#note(`connect ${address}`);
    this.local = this.attempts.local;
    const refused = this.attempts.errorOf('ECONNREFUSED');
    switch (this.#names[address]) {
      case 'refuses':
        return refused;
      case 'refuses later':
        process.nextTick(() => {
          this.attempts.fail(refused);
        });
        return undefined;
      case 'connects':
        process.nextTick(() => {
          this.log.push(`connected: ${this.attempts.succeed()}`);
          this.#over();
        });
        return undefined;
      default:
        return undefined;
    }
  }

  drop(): void {
    this.log.push('drop');
  }

  onfailed(error: Error): void {
    this.log.push('failed');
    this.error = error;
    this.#over();
  }
}

const looked = (...addresses: string[]) =>
  addresses.map((address) => `lookup ${address}`);
const tried = (address: string) => [
  `connectionAttempt ${address}`,
  `connect ${address}`,
];
const refused = (address: string) => [
  ...tried(address),
  'drop',
  `connectionAttemptFailed ${address}`,
];
const timedOut = (address: string) => [
  ...tried(address),
  `connectionAttemptTimeout ${address}`,
  'drop',
];

const A = '127.0.0.1';
const B = '127.0.0.2';
const SIX = '::1';

const cases: {
  what: string;
  names: Names;
  target?: Partial<TcpTarget>;
  how?: ConstructorParameters<typeof Recorder>[2];
  log: string[];
}[] = [
  {
    what: 'the first connects',
    names: { [A]: 'connects', [SIX]: 'never' },
    log: [...looked(A, SIX), ...tried(A), 'connected: true'],
  },
  {
    what: 'one that refuses at once gives way',
    names: { [A]: 'refuses', [SIX]: 'connects' },
    log: [...looked(A, SIX), ...refused(A), ...tried(SIX), 'connected: true'],
  },
  {
    what: 'one that refuses later gives way',
    names: { [A]: 'refuses later', [SIX]: 'connects' },
    log: [...looked(A, SIX), ...refused(A), ...tried(SIX), 'connected: true'],
  },
  {
    what: 'one that does not answer gives way after a while',
    names: { [A]: 'never', [SIX]: 'connects' },
    log: [...looked(A, SIX), ...timedOut(A), ...tried(SIX), 'connected: true'],
  },
  {
    what: 'families come by turns, each address once',
    names: { [A]: 'refuses', [B]: 'refuses later', [SIX]: 'refuses' },
    log: [
      ...looked(A, B, SIX),
      ...refused(A),
      ...refused(SIX),
      ...refused(B),
      'failed',
    ],
  },
  {
    what: 'a family without sockets is left out',
    names: { [SIX]: 'connects', [A]: 'refuses' },
    how: { families: [4] },
    log: [...looked(SIX, A), ...refused(A), 'failed'],
  },
  {
    what: 'a family without sockets is tried where there is nothing else',
    names: { [SIX]: 'refuses' },
    how: { families: [4] },
    log: [...looked(SIX), ...refused(SIX), 'failed'],
  },
  {
    what: 'only the first is tried with a local address',
    names: { [A]: 'refuses', [SIX]: 'connects' },
    target: {
      localAddress: A,
      lookup: (_host, _options, done) => {
        process.nextTick(done, null, A, 4);
      },
    },
    log: [...looked(A), ...refused(A), 'failed'],
  },
  {
    what: 'an address is not looked up',
    names: { [A]: 'connects' },
    target: { host: A },
    log: [...tried(A), 'connected: true'],
  },
  {
    what: 'left at the lookup',
    names: { [A]: 'connects', [SIX]: 'never' },
    how: { leavesAt: 'lookup' },
    log: [`lookup ${A}`, 'drop'],
  },
  {
    what: 'left at an attempt',
    names: { [A]: 'refuses', [SIX]: 'never' },
    how: { leavesAt: 'connectionAttempt' },
    log: [...looked(A, SIX), `connectionAttempt ${A}`, 'drop'],
  },
  {
    what: 'left while connecting',
    names: { [A]: 'connects', [SIX]: 'never' },
    how: { leavesAt: 'connect' },
    log: [...looked(A, SIX), ...tried(A), 'drop', 'connected: false'],
  },
  {
    what: 'left while one refuses',
    names: { [A]: 'refuses later', [SIX]: 'never' },
    how: { leavesAt: 'connect' },
    log: [...looked(A, SIX), ...tried(A), 'drop'],
  },
  {
    what: 'left at a refusal',
    names: { [A]: 'refuses', [SIX]: 'connects' },
    how: { leavesAt: 'connectionAttemptFailed' },
    log: [...looked(A, SIX), ...refused(A), 'drop'],
  },
  {
    what: 'left at a later refusal',
    names: { [A]: 'refuses later', [SIX]: 'connects' },
    how: { leavesAt: 'connectionAttemptFailed' },
    log: [...looked(A, SIX), ...refused(A), 'drop'],
  },
  {
    what: 'left when the time is up',
    names: { [A]: 'never', [SIX]: 'connects' },
    how: { leavesAt: 'connectionAttemptTimeout' },
    log: [
      ...looked(A, SIX),
      ...tried(A),
      `connectionAttemptTimeout ${A}`,
      'drop',
    ],
  },
];

for (const { what, names, target, how, log } of cases) {
  t.test(what, async (t) => {
    const recorder = new Recorder(names, target, how);
    t.equal(recorder.attempts.start(), undefined);
    t.strictSame(recorder.log, [], 'in a later tick');
    await recorder.isOver;
    await setImmediate();
    t.strictSame(recorder.log, log);
  });
}

/** The error of each of these addresses. */
async function errorOf(
  names: Names,
  target?: Partial<TcpTarget>,
): Promise<NodeJS.ErrnoException | undefined> {
  const recorder = new Recorder(names, target);
  recorder.attempts.start();
  await recorder.isOver;
  return recorder.error;
}

t.test('a single error is passed on unchanged', async (t) => {
  const error = await errorOf({ [A]: 'refuses' });
  t.notOk(error instanceof AggregateError);
  t.match(error, {
    message: `connect ECONNREFUSED ${A}:7`,
    code: 'ECONNREFUSED',
    syscall: 'connect',
    address: A,
    port: 7,
  });
});

t.test(
  'several are reported together, with the code of the first',
  async (t) => {
    const error = (await errorOf({ [A]: 'never', [SIX]: 'refuses later' })) as
      AggregateError | undefined;
    t.ok(error instanceof AggregateError);
    t.match(error, {
      code: 'ETIMEDOUT',
      errors: [
        { message: `connect ETIMEDOUT ${A}:7` },
        { message: `connect ECONNREFUSED ${SIX}:7` },
      ],
    });
  },
);

const locals: [Partial<TcpTarget>, object | undefined, string][] = [
  [{}, undefined, ''],
  [{ localAddress: B }, { address: B, port: 0 }, ''],
  [{ localPort: 9 }, { address: '0.0.0.0', port: 9 }, '0.0.0.0:9'],
  [{ localAddress: B, localPort: 9 }, { address: B, port: 9 }, `${B}:9`],
  [{ host: SIX, localPort: 9 }, { address: '::', port: 9 }, ':::9'],
];

for (const [target, expected, told] of locals) {
  t.test(`from ${JSON.stringify(target)}`, async (t: Test) => {
    const { host = A } = target;
    const recorder = new Recorder(
      { [host]: 'refuses later' },
      { host, ...target },
    );
    recorder.attempts.start();
    await recorder.isOver;
    const from = told && ` - Local (${told})`;
    t.equal(recorder.error?.message, `connect ECONNREFUSED ${host}:7${from}`);
    t.strictSame(recorder.local, expected);
  });
}

t.test('at once, where that is wanted and it is an address', async (t) => {
  const recorder = new Recorder({ [A]: 'refuses' }, { host: A });
  const error = recorder.attempts.start(true);
  t.match(error, { code: 'ECONNREFUSED' });
  await setImmediate();
  t.strictSame(recorder.log, refused(A), 'reported only by the result');
});

t.test('a name that cannot be looked up', async (t) => {
  const unknown = Object.assign(new Error('unknown'), { code: 'ENOTFOUND' });
  const error = await errorOf(
    {},
    {
      lookup: (_host, _options, done) => {
        process.nextTick(done, unknown, []);
      },
    },
  );
  t.equal(error, unknown);
});

t.test('without a limit an attempt takes its time', async (t) => {
  const recorder = new Recorder(
    { [A]: 'never', [SIX]: 'connects' },
    { autoSelectFamilyAttemptTimeout: 1 },
    { isTimed: false },
  );
  recorder.attempts.start();
  const later = new Recorder({ [A]: 'never', [SIX]: 'connects' });
  later.attempts.start();
  await later.isOver;
  t.strictSame(recorder.log, [...looked(A, SIX), ...tried(A)]);
});
