import { once } from 'node:events';
import net from 'node:net';
import t, { type Test } from 'tap';
import {
  MOST_PIECES,
  STREAM,
  loadNative,
  type Native,
} from '../../src/native.js';
import { theEngineLoop } from '../../src/provider/framed/engine/loop.js';

// Whatever JavaScript passes, the addon takes it as documented or throws: it never
// reads outside its arguments, and never ends the process.

const { native } = loadNative();
if (!native) {
  t.pass('there is no addon');
  process.exit();
}
const loop = theEngineLoop()!;

function detached(): Uint8Array {
  const octets = new Uint8Array(8);
  structuredClone(0, { transfer: [octets.buffer] });
  return octets;
}

/** Values that are invalid as numbers, and as every other argument. */
const odd: unknown[] = [
  undefined,
  null,
  true,
  'a string',
  '7',
  '',
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -1,
  0.5,
  -0.5,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 31) - 1,
  7n,
  Symbol('7'),
  {},
  { valueOf: () => 7 },
  {
    valueOf() {
      throw new Error('not to be called');
    },
  },
  [],
  [7],
  () => 7,
  new Date(),
  new Map(),
  Promise.resolve(7),
  new Proxy({}, {}),
  new Uint8Array(0),
  new Uint8Array(8),
  new Uint16Array(8),
  new Float64Array(8),
  new DataView(new ArrayBuffer(8)),
  new ArrayBuffer(8),
  new SharedArrayBuffer(8),
  detached(),
  [detached()],
  ['octets'],
  Array.from({ length: MOST_PIECES + 1 }, () => new Uint8Array(1)),
  Object.defineProperty([0], 0, {
    get() {
      throw new Error('a getter');
    },
  }),
];

const limits = [1024, STREAM, 1024];
const path = '/nonexistent/folder/socket';

/** Valid arguments; `id` is a connection's. */
function rightArguments(id: number): Partial<Record<keyof Native, unknown[]>> {
  const outgoing = 4;
  return {
    connectTcp: ['127.0.0.1', 1, '', 0, ...limits],
    connectPipe: [path, ...limits],
    listenTcp: ['127.0.0.1', 0, 511, false, false, ...limits, false],
    listenPipe: [path, 511, 0, ...limits, false],
    write: [id, outgoing],
    writeKept: [id, outgoing, [new Uint8Array(4)]],
    countUnsent: [id],
    countOutstanding: [id],
    // Invalid as a descriptor, so that a test cannot close a real one.
    countOutstandingIn: [-1],
    isInOrder: [-1],
    countReceived: [id],
    pause: [id],
    resume: [id],
    release: [id],
    ref: [id],
    unref: [id],
    setNoDelay: [id, true],
    setKeepAlive: [id, true, 60],
    setOption: [id, 0, 1000],
    getOption: [id, 0],
    localName: [id],
    peerName: [id],
    peerIdentity: [id],
    setSlab: [99, new Uint8Array(8192)],
    liesAbove: [new Uint8Array(1), new Uint8Array(1)],
    missingSlab: [],
    countOpen: [],
    addressText: [],
    start: [
      new Uint8Array(64),
      new Uint8Array(64),
      new Uint8Array(64),
      () => 0,
    ],
    writeLast: [id, outgoing],
    shutdown: [id],
    linger: [id],
    lingerBriefly: [id],
    reset: [id],
    close: [id],
  };
}

/** Not called here, since the loop needs them. */
const notHere = ['interface', 'next', 'openWinsock', 'failAllocation'];

type Call = (...args: unknown[]) => unknown;

/** Returns the thrown value, if any. */
function attempt(name: string, args: unknown[]): unknown {
  try {
    const result = (native as unknown as Record<string, Call>)[name]!(...args);
    // Releases an id that it returned.
    if (/^(connect|listen)/.test(name) && typeof result === 'number') {
      if (result >= 0) native!.close(result);
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

async function connection(t: Test): Promise<number> {
  const server = net.createServer((peer) =>
    peer.resume().on('error', () => {}),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const [control, message, hold] = limits as [number, number, number];
  const id = native!.connectTcp(
    '127.0.0.1',
    port,
    '',
    0,
    control,
    message,
    hold,
  );
  await new Promise<void>((resolve) => {
    loop.register(id, { onEvent: () => resolve() });
  });
  t.teardown(() => {
    native!.close(id);
    server.close();
  });
  return id;
}

t.test('each function is in the table', (t) => {
  const exported = Object.keys(native).filter((key) => !notHere.includes(key));
  t.same(exported.toSorted(), Object.keys(rightArguments(0)).toSorted());
  t.end();
});

t.test('wrong arguments are refused, or taken as documented', async (t) => {
  const id = await connection(t);
  const table = Object.entries(rightArguments(id));
  const isFlag = (name: string, at: number) =>
    (name === 'setNoDelay' && at === 1) ||
    (name === 'setKeepAlive' && at === 1) ||
    (name === 'listenTcp' && (at === 3 || at === 4 || at === 8)) ||
    (name === 'listenPipe' && at === 6);
  for (const [name, right] of table) {
    for (let at = 0; at < right.length; at++) {
      for (const value of odd) {
        const args = right.with(at, value);
        const error = attempt(name, args);
        if (isFlag(name, at)) t.equal(error, undefined, `${name}, flag ${at}`);
        else if (error !== undefined) t.ok(error instanceof Error, name);
      }
      const missing = attempt(name, right.slice(0, at));
      const mayMiss = right.slice(at).every((_, behind) => {
        return isFlag(name, at + behind);
      });
      t.equal(missing instanceof Error, !mayMiss, `${name} without ${at}`);
    }
  }
  t.end();
});

t.test('numbers are not confused', async (t) => {
  const id = await connection(t);
  const outgoing = loop.outgoing.length;
  const wrong: [keyof Native, unknown[]][] = [
    ['write', [id, outgoing + 1]],
    ['write', [id, -1]],
    ['write', [id, 1.5]],
    ['write', [id, Number.NaN]],
    ['write', [0.5, 4]],
    ['writeLast', [id, outgoing + 1]],
    ['writeKept', [id, outgoing + 1, []]],
    ['writeKept', [id, 4, [detached()]]],
    ['writeKept', [id, 4, [new Uint16Array(4)]]],
    ['setOption', [id, 6, 1]],
    ['setOption', [id, 256, 1]],
    ['setOption', [id, 0, 2 ** 32]],
    ['getOption', [id, 6]],
    ['setKeepAlive', [id, true, -1]],
    ['setSlab', [0, new Uint8Array(8192)]],
    ['setSlab', [2 ** 31, new Uint8Array(8192)]],
    ['liesAbove', [new Uint8Array(1), new Uint8Array(0)]],
    ['liesAbove', [detached(), new Uint8Array(1)]],
    ['listenTcp', ['127.0.0.1', 65_536, 1, 0, 0, ...limits, 0]],
    ['listenPipe', [path, 1, 4, ...limits, 0]],
  ];
  for (const [name, args] of wrong) {
    const error = attempt(name, args) as Error | undefined;
    t.match(
      error,
      { name: 'TypeError' },
      `${name}(${args.map(textOf).join()})`,
    );
  }
  t.equal(attempt('write', [-1, 4]), undefined, 'an id of nothing');
  t.equal(attempt('write', [2 ** 31 - 1, 4]), undefined, 'the largest id');
});

function textOf(value: unknown): string {
  return typeof value === 'number' ? String(value) : typeof value;
}
