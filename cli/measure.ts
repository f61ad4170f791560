import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { NativeDecide } from '../src/native-winsock.js';
import {
  CF_ACCEPT,
  CF_REJECT,
  FD_ACCEPT,
  FD_CLOSE,
  FD_CONNECT,
  FD_CONNECT_BIT,
  SO_CONNDATA,
  SO_CONNDATALEN,
  SO_CONNOPT,
  SO_CONNOPTLEN,
  SO_DISCDATA,
  SO_DISCDATALEN,
  SO_DISCOPT,
  SO_DISCOPTLEN,
  SOCK_STREAM,
  SOL_SOCKET,
  AF_INET,
} from '../src/vocabulary/constants.js';
import {
  WSAEWOULDBLOCK,
  winsockErrorName,
  type Status,
} from '../src/vocabulary/error-codes.js';
import {
  catalogEntries,
  namedEntries,
  type Entry,
} from '../src/provider/winsock2/entries.js';
import {
  theWinsockLoop,
  type WinsockLoop,
} from '../src/provider/winsock2/loop.js';
import { Options } from '../src/provider/winsock2/options.js';

/** A provider's behaviour where its documentation is silent or ambiguous. */
export interface Measurement {
  question: string;
  answer: string;
}

/** Milliseconds for something that may never come. */
const LIMIT = 1000;

const ANY_EVENT = 0x3f;
const LOOPBACK = '127.0.0.1';
const FIVE = Buffer.from('5 oct');
/** A `len` that five octets of data never have. */
const CAPACITY = 16;

/**
 * Measures a provider of TCP over IPv4, on the loopback address.
 *
 * @param name the id of an entry, or a DLL's path; else the first entry.
 * @throws {Error} Winsock2, or that provider, is not available.
 */
export async function measure(name?: string): Promise<Measurement[]> {
  const entries = name === undefined ? catalogEntries() : namedEntries(name);
  const entry = entries.find(
    ({ info }) =>
      info.addressFamily === AF_INET && info.socketType === SOCK_STREAM,
  );
  if (!entry) throw new RangeError('no provider of TCP over IPv4 was found');
  const bench = new Bench(theWinsockLoop(), entry);
  const { protocol, serviceFlags1 } = entry.info;
  const measured: Measurement[] = [
    {
      question: 'The service flags of the entry',
      answer: `${protocol}: 0x${serviceFlags1.toString(16)}`,
    },
  ];
  for (const [question, ask] of questions) {
    measured.push({ question, answer: await ask(bench) });
  }
  return measured;
}

type Ask = (bench: Bench) => Promise<string>;

const lengths: [string, Uint8Array | undefined][] = [
  ['NULL', undefined],
  ['len 0', Buffer.alloc(0)],
  ['5 octets', FIVE],
];

const capacities: [string, number][] = [
  ['NULL', -1],
  ['len 0', 0],
  [`len ${CAPACITY}`, CAPACITY],
];

const userOptions = {
  SO_CONNDATA,
  SO_CONNOPT,
  SO_DISCDATA,
  SO_DISCOPT,
  SO_CONNDATALEN,
  SO_CONNOPTLEN,
  SO_DISCDATALEN,
  SO_DISCOPTLEN,
};

const questions: [string, Ask][] = [
  ...lengths.map(([what, data]): [string, Ask] => [
    `WSASendDisconnect with ${what}`,
    (bench) => sendDisconnect(bench, data),
  ]),
  ...capacities.map(([what, capacity]): [string, Ask] => [
    `WSARecvDisconnect with ${what}, before the peer closes`,
    (bench) => receiveDisconnect(bench, capacity, false),
  ]),
  ...capacities.map(([what, capacity]): [string, Ask] => [
    `WSARecvDisconnect with ${what}, after the peer has closed`,
    (bench) => receiveDisconnect(bench, capacity, true),
  ]),
  [
    'WSAConnect with 5 octets of caller data',
    (bench) => connectWith(bench, FIVE, 0),
  ],
  [
    `WSAConnect with a callee buffer of ${CAPACITY}`,
    (bench) => connectWith(bench, undefined, CAPACITY),
  ],
  ['SO_CONDITIONAL_ACCEPT before listen', conditionalAccept],
  ['What the condition function is given', conditionArguments],
  [
    'CF_REJECT at the caller, SO_CONDITIONAL_ACCEPT off',
    (bench) => reject(bench, false),
  ],
  [
    'CF_REJECT at the caller, SO_CONDITIONAL_ACCEPT on',
    (bench) => reject(bench, true),
  ],
  ...Object.entries(userOptions).map(([option, number]): [string, Ask] => [
    `getsockopt ${option}`,
    (bench) => readOption(bench, number),
  ]),
];

// -- the questions ------------------------------------------------------------

async function sendDisconnect(
  bench: Bench,
  data: Uint8Array | undefined,
): Promise<string> {
  const { id, peer, end } = await bench.toPlainPeer();
  const heard = read(peer);
  const status = bench.native.sendDisconnect(id, data);
  const octets = await heard;
  end();
  return `${codeOf(status)}; on the wire: ${octets}`;
}

async function receiveDisconnect(
  bench: Bench,
  capacity: number,
  closed: boolean,
): Promise<string> {
  const { id, peer, end } = await bench.toPlainPeer();
  if (closed) {
    peer.end();
    await bench.event(id, FD_CLOSE);
  }
  const found = bench.native.receiveDisconnect(id, capacity);
  end();
  if (typeof found === 'number') return codeOf(found);
  const [data, length] = found;
  const written = data ? 'written' : 'not written';
  return (
    `${codeOf(0)}; len is ${length} afterwards` +
    (capacity > 0 ? `, data ${written}` : '')
  );
}

async function connectWith(
  bench: Bench,
  callerData: Uint8Array | undefined,
  capacity: number,
): Promise<string> {
  const server = createServer();
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const arrived = once(server, 'connection') as Promise<[Socket]>;
  const { port } = server.address() as AddressInfo;
  const id = bench.open();
  const started = bench.native.connect(
    id,
    LOOPBACK,
    port,
    callerData,
    capacity,
    undefined,
  );
  let answer = codeOf(started);
  if (started === 0 || started === WSAEWOULDBLOCK) {
    const connected = await bench.event(id, FD_CONNECT);
    answer += `; FD_CONNECT ${connected ? codeOf(connected.errors[FD_CONNECT_BIT]!) : 'never'}`;
    if (capacity > 0) {
      answer += `; len is ${bench.native.calleeData(id)[1]} afterwards`;
    }
    const [peer] = await arrived;
    peer.on('error', () => {});
    bench.native.close(id);
    answer += `; on the wire: ${await read(peer)}`;
    peer.destroy();
  } else {
    bench.native.close(id);
  }
  server.close();
  return answer;
}

async function conditionalAccept(bench: Bench): Promise<string> {
  const id = bench.open();
  const status = new Options(bench.native, id).setConditionalAccept();
  bench.native.close(id);
  return codeOf(status);
}

async function conditionArguments(bench: Bench): Promise<string> {
  const names = ['lpCallerData', 'its buf', 'lpCalleeData', 'its buf'];
  let answer = 'it was not called';
  await bench.offer(true, (_caller, callerData, _qos, _callee, _room, seen) => {
    answer =
      names
        .map(
          (what, bit) =>
            `${what} ${(seen & (1 << bit)) === 0 ? 'NULL' : 'set'}`,
        )
        .join(', ') + `, caller data of ${callerData?.length ?? 0}`;
    return [CF_ACCEPT, undefined, undefined];
  });
  return answer;
}

async function reject(bench: Bench, conditional: boolean): Promise<string> {
  const { accepting, calling } = await bench.offer(conditional, () => [
    CF_REJECT,
    undefined,
    undefined,
  ]);
  return `the caller's connect ${calling}; WSAAccept ${accepting}`;
}

async function readOption(bench: Bench, option: number): Promise<string> {
  const { id, end } = await bench.toPlainPeer();
  const room = Buffer.alloc(CAPACITY);
  const length = bench.native.getOption(id, SOL_SOCKET, option, room);
  end();
  return length < 0 ? codeOf(-length) : `${codeOf(0)}, ${length} octets`;
}

// -- tools for asking ---------------------------------------------------------

interface Told {
  events: number;
  errors: Int32Array;
}

/** Sockets of the provider under test, and their reports. */
class Bench {
  readonly #loop: WinsockLoop;
  readonly #entry: Entry;
  readonly #told = new Map<number, Told>();
  readonly #waiting = new Map<number, () => void>();

  constructor(loop: WinsockLoop, entry: Entry) {
    this.#loop = loop;
    this.#entry = entry;
  }

  get native(): WinsockLoop['native'] {
    return this.#loop.native;
  }

  open(): number {
    const id = this.#entry.open(ANY_EVENT);
    if (id < 0) throw new Error(`WSASocket: ${codeOf(-id)}`);
    this.#told.set(id, { events: 0, errors: new Int32Array(6) });
    this.#loop.register(id, {
      onNetworkEvents: (events, errors) => {
        const told = this.#told.get(id)!;
        told.events |= events;
        for (const [bit, error] of errors.entries()) {
          if ((events & (1 << bit)) !== 0) told.errors[bit] = error;
        }
        this.#waiting.get(id)?.();
      },
    });
    return id;
  }

  /** Waits until a socket reports `event`; `undefined`: it does not. */
  async event(id: number, event: number): Promise<Told | undefined> {
    const told = this.#told.get(id)!;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LIMIT);
      const look = (): void => {
        if ((told.events & event) === 0) return;
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.set(id, look);
      look();
    });
    this.#waiting.delete(id);
    return (told.events & event) === 0 ? undefined : told;
  }

  /** A connection from the provider to a plain Node socket. */
  async toPlainPeer(): Promise<{ id: number; peer: Socket; end: () => void }> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, LOOPBACK);
    await once(server, 'listening');
    const arrived = once(server, 'connection') as Promise<[Socket]>;
    const { port } = server.address() as AddressInfo;
    const id = this.open();
    this.native.connect(id, LOOPBACK, port, undefined, 0, undefined);
    await this.event(id, FD_CONNECT);
    const [peer] = await arrived;
    peer.on('error', () => {});
    return {
      id,
      peer,
      end: () => {
        this.native.close(id);
        peer.destroy();
        server.close();
      },
    };
  }

  /** A plain caller, offered to `decide` by WSAAccept. */
  async offer(
    conditional: boolean,
    decide: NativeDecide,
  ): Promise<{ accepting: string; calling: string }> {
    const id = this.open();
    if (conditional) new Options(this.native, id).setConditionalAccept();
    this.native.bind(id, LOOPBACK, 0);
    this.native.listen(id, 1);
    const [, , port] = this.native.localName(id)!;
    const caller = connect({ port, host: LOOPBACK });
    const calling = new Promise<string>((resolve) => {
      const timer = setTimeout(resolve, LIMIT, 'stays pending');
      caller.once('connect', () => {
        clearTimeout(timer);
        resolve('succeeds');
      });
      caller.on('error', ({ message }) => {
        clearTimeout(timer);
        resolve(`fails (${message})`);
      });
    });
    await this.event(id, FD_ACCEPT);
    const accepted = this.native.accept(id, 0, decide);
    const told = await calling;
    caller.destroy();
    if (accepted >= 0) this.native.close(accepted);
    this.native.close(id);
    return {
      accepting: accepted >= 0 ? 'accepts' : `fails with ${codeOf(-accepted)}`,
      calling: told,
    };
  }
}

/** All data until the end, or until a timeout. */
async function read(peer: Socket): Promise<string> {
  const pieces: Buffer[] = [];
  peer.on('data', (piece: Buffer) => pieces.push(piece));
  const how = await new Promise<string>((resolve) => {
    const timer = setTimeout(resolve, LIMIT, 'and no FIN');
    const settle = (text: string): void => {
      clearTimeout(timer);
      resolve(text);
    };
    peer.once('end', settle.bind(undefined, 'and FIN'));
    peer.once('error', settle.bind(undefined, 'and a reset'));
  });
  const octets = Buffer.concat(pieces);
  return `${octets.length === 0 ? 'nothing' : `0x${octets.toString('hex')}`} ${how}`;
}

function codeOf(status: Status): string {
  return status === 0
    ? 'success'
    : (winsockErrorName(status) ?? `error ${status}`);
}
