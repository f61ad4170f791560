import { once } from 'node:events';
import {
  connect as netConnect,
  createServer,
  type Server,
  type Socket,
} from 'node:net';
import { setTimeout } from 'node:timers/promises';
import {
  connect as connectTls,
  TLSSocket,
  type ConnectionOptions,
  type TLSSocketOptions,
} from 'node:tls';
import { resetTcp } from '../../src/tcp-reset.js';
import { statusOfNodeError } from '../../src/vocabulary/error-codes.js';
import type { StepResult, WireAddress } from '../protocol/messages.js';
import { localName, type Parameters } from './call-connection.js';
import { tlsOptions } from './certificate.js';
import type { Run } from './run.js';
import { errorName } from './socket.js';
import { describeFrames } from './wire-frames.js';

/** Milliseconds. */
const SEND_AGAIN_AFTER = 20;

/** A connection without framing, and its received octets. */
class PlainSocket {
  readonly socket: Socket;
  /** The stream below TLS, if there is TLS. */
  readonly beneath: Socket;
  error: string | null = null;
  ended = false;
  /** Its preface was taken: the rest begins with a frame. */
  greeted = false;
  #received: Buffer[] = [];
  #wake: (() => void)[] = [];

  constructor(socket: Socket, beneath = socket) {
    this.socket = socket;
    this.beneath = beneath;
    socket.setNoDelay(true);
    socket.on('data', (octets: Buffer) => {
      this.#received.push(octets);
      this.#changed();
    });
    socket.on('end', () => {
      this.ended = true;
      this.#changed();
    });
    socket.on('error', (error) => {
      this.error = errorName(statusOfNodeError(error));
    });
    socket.on('close', () => {
      this.ended = true;
      this.#changed();
    });
  }

  #changed(): void {
    const woken = this.#wake;
    this.#wake = [];
    for (const wake of woken) wake();
  }

  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake.push(resolve);
    });
  }

  /** Takes at most `most` received octets that were not taken yet. */
  take(most = Number.POSITIVE_INFINITY): Buffer {
    const all = Buffer.concat(this.#received);
    const taken = all.subarray(0, most);
    this.#received = taken.length < all.length ? [all.subarray(most)] : [];
    return taken;
  }

  /** Whether `count` whole frames have arrived and were not taken yet. */
  says(count: number): boolean {
    const said = describeFrames(Buffer.concat(this.#received), this.greeted);
    return said.length >= count && !said.at(-1)?.startsWith('…');
  }

  get length(): number {
    return this.#received.reduce((sum, { length }) => sum + length, 0);
  }
}

interface PlainListener {
  server: Server;
  /** ALPN names for TLS; `undefined`: without TLS. */
  tls: readonly string[] | undefined;
  waiting: Socket[];
  wake: (() => void)[];
}

/** The plain ends of a run. */
class Plain {
  readonly sockets = new Map<string, PlainSocket>();
  readonly listeners = new Map<string, PlainListener>();

  socket(name: unknown): PlainSocket {
    const found = this.sockets.get(String(name));
    if (!found) throw new RangeError(`no plain socket "${String(name)}"`);
    return found;
  }
}

const plains = new WeakMap<Run, Plain>();

function plainOf(run: Run): Plain {
  let plain = plains.get(run);
  if (!plain) {
    plain = new Plain();
    plains.set(run, plain);
    const { sockets, listeners } = plain;
    run.cleanups.push(() => {
      for (const { socket } of sockets.values()) socket.destroy();
      for (const { server, waiting } of listeners.values()) {
        server.close();
        for (const socket of waiting) socket.destroy();
      }
    });
  }
  return plain;
}

export async function plainListen(
  run: Run,
  { socket, tls, alpn = [] }: Parameters,
): Promise<StepResult> {
  const waiting: Socket[] = [];
  const wake: (() => void)[] = [];
  const server = createServer({ allowHalfOpen: true }, (incoming) => {
    waiting.push(incoming);
    for (const one of wake.splice(0)) one();
  });
  const name = localName(run);
  if (run.family === 'unix') server.listen(name);
  else server.listen(0, name);
  await once(server, 'listening');
  plainOf(run).listeners.set(String(socket), {
    server,
    tls: tls === true ? (alpn as string[]) : undefined,
    waiting,
    wake,
  });
  const at = server.address();
  const address: WireAddress =
    typeof at === 'string' || at === null
      ? { family: 'unix', address: name, port: 0 }
      : { family: run.family, address: at.address, port: at.port };
  return { error: null, address };
}

export async function plainAccept(
  run: Run,
  { listener, socket }: Parameters,
): Promise<StepResult> {
  const plain = plainOf(run);
  const found = plain.listeners.get(String(listener));
  if (!found) throw new RangeError(`no plain listener "${String(listener)}"`);
  while (found.waiting.length === 0) {
    await new Promise<void>((resolve) => {
      found.wake.push(resolve);
    });
  }
  const incoming = found.waiting.shift()!;
  const { tls } = found;
  const secure = tls && new TLSSocket(incoming, calleeOptions(tls));
  const accepted = new PlainSocket(secure ?? incoming, incoming);
  plain.sockets.set(String(socket), accepted);
  if (!secure) return { error: null };
  return securely(secure, 'secure');
}

/** The callee's end of TLS. */
function calleeOptions(names: readonly string[]): TLSSocketOptions {
  return {
    ...(tlsOptions('callee') as TLSSocketOptions),
    isServer: true,
    ...(names.length > 0 && { ALPNProtocols: [...names] }),
  };
}

/** Waits for the end of a handshake, which may fail. */
async function securely(
  secure: TLSSocket,
  event: 'secure' | 'secureConnect',
): Promise<StepResult> {
  try {
    await once(secure, event);
  } catch (error) {
    return { error: errorName(statusOfNodeError(error)), return: -1 };
  }
  return { error: null, alpn: secure.alpnProtocol || null };
}

export async function plainConnect(
  run: Run,
  { socket, to, tls, alpn = [] }: Parameters,
): Promise<StepResult> {
  const { family, address, port } = to as WireAddress;
  const target =
    family === 'unix' ? { path: address } : { host: address, port };
  const connecting = netConnect({ ...target, allowHalfOpen: true });
  try {
    await once(connecting, 'connect');
  } catch (error) {
    return { error: errorName(statusOfNodeError(error)), return: -1 };
  }
  const names = alpn as string[];
  const secure =
    tls === true
      ? connectTls({
          ...(tlsOptions('caller') as ConnectionOptions),
          ...(names.length > 0 && { ALPNProtocols: names }),
          socket: connecting,
        })
      : undefined;
  const plain = new PlainSocket(secure ?? connecting, connecting);
  plainOf(run).sockets.set(String(socket), plain);
  return secure ? securely(secure, 'secureConnect') : { error: null };
}

/**
 * Sends `data`, `times` over. With `drip` it goes one octet at a time, each
 * when the system has taken the one before, so that the peer may see each
 * alone. `until` `"refused"` continues until the peer has reset the connection.
 */
export async function plainSend(
  run: Run,
  { socket: name, data, times = 1, drip, until }: Parameters,
): Promise<StepResult> {
  const octets = run.octets(data) ?? Buffer.alloc(0);
  const { socket } = plainOf(run).socket(name);
  if (until === 'refused') {
    while (!socket.destroyed) {
      socket.write(octets);
      await setTimeout(SEND_AGAIN_AFTER);
    }
    return { error: 'WSAECONNRESET', return: -1 };
  }
  const most = drip === true ? 1 : octets.length;
  for (let round = 0; round < Number(times); round += 1) {
    for (let at = 0; at < octets.length; at += most) {
      if (!socket.writable) return { error: 'WSAECONNRESET', return: -1 };
      const piece = octets.subarray(at, at + most);
      if (drip === true) await written(socket, piece);
      else if (!socket.write(piece)) await drained(socket);
    }
  }
  return { error: null, return: octets.length * Number(times) };
}

/** Resolves when the system has the octets, or will never take them. */
function written(socket: Socket, octets: Buffer): Promise<void> {
  return new Promise((resolve) => {
    socket.write(octets, () => {
      setImmediate(resolve);
    });
  });
}

/** Resolves when more may be sent, or the connection is gone. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}

/**
 * Receives `until` a number of octets, `"some"`, `"frames"` (`count` of them, a
 * preface among these), or the `"end"`; `"now"`: everything received. With
 * `frames` the result has the octets decoded as frames of the wire format, and
 * in `value` whether the peer has ended.
 */
export async function plainReceive(
  run: Run,
  { socket, until = 'some', count, store, frames }: Parameters,
): Promise<StepResult> {
  const plain = plainOf(run).socket(socket);
  const enough = (): boolean => {
    switch (until) {
      case 'now':
        return true;
      case 'some':
        return plain.length > 0;
      case 'frames':
        return plain.says(Number(count));
      default:
        return typeof until === 'number' && plain.length >= until;
    }
  };
  while (!plain.ended && !enough()) await plain.changed();
  const octets = plain.take(typeof until === 'number' ? until : undefined);
  if (typeof store === 'string') run.stored.set(store, octets);
  const behind = plain.greeted;
  plain.greeted ||= octets.length > 0;
  return {
    error: plain.error,
    return: octets.length,
    data: octets.length > 0 ? octets.toString('hex') : null,
    ...(frames === true && {
      frames: describeFrames(octets, behind),
      value: plain.ended,
    }),
  };
}

/** FIN; `beneath` TLS without its close_notify. */
export function plainEnd(
  run: Run,
  { socket: name, beneath }: Parameters,
): StepResult {
  const plain = plainOf(run).socket(name);
  (beneath === true ? plain.beneath : plain.socket).end();
  return { error: null };
}

/** RST, if the medium has it. */
export function plainReset(run: Run, { socket: name }: Parameters): StepResult {
  const { socket } = plainOf(run).socket(name);
  if (run.family === 'unix') socket.destroy();
  else resetTcp(socket);
  return { error: null };
}
