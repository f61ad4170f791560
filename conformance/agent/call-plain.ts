import { once } from 'node:events';
import {
  connect as netConnect,
  createServer,
  type Server,
  type Socket,
} from 'node:net';
import { statusOfNodeError } from '../../src/vocabulary/error-codes.js';
import type { StepResult, WireAddress } from '../protocol/messages.js';
import { localName, type Parameters } from './call-connection.js';
import type { Run } from './run.js';
import { errorName } from './socket.js';

/** A connection without framing, and what has come over it. */
class PlainSocket {
  readonly socket: Socket;
  error: string | null = null;
  ended = false;
  #received: Buffer[] = [];
  #wake: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
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

  /** What came and was not taken, at most `most` octets of it. */
  take(most = Number.POSITIVE_INFINITY): Buffer {
    const all = Buffer.concat(this.#received);
    const taken = all.subarray(0, most);
    this.#received = taken.length < all.length ? [all.subarray(most)] : [];
    return taken;
  }

  get length(): number {
    return this.#received.reduce((sum, { length }) => sum + length, 0);
  }
}

interface PlainListener {
  server: Server;
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
  { socket }: Parameters,
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
  plainOf(run).listeners.set(String(socket), { server, waiting, wake });
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
  plain.sockets.set(String(socket), new PlainSocket(found.waiting.shift()!));
  return { error: null };
}

export async function plainConnect(
  run: Run,
  { socket, to }: Parameters,
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
  plainOf(run).sockets.set(String(socket), new PlainSocket(connecting));
  return { error: null };
}

export function plainSend(run: Run, { socket, data }: Parameters): StepResult {
  const octets = run.octets(data) ?? Buffer.alloc(0);
  plainOf(run).socket(socket).socket.write(octets);
  return { error: null, return: octets.length };
}

/** What comes: `until` a number of octets, `"some"`, or the `"end"`. */
export async function plainReceive(
  run: Run,
  { socket, until = 'some', store }: Parameters,
): Promise<StepResult> {
  const plain = plainOf(run).socket(socket);
  const enough = (): boolean =>
    until === 'some'
      ? plain.length > 0
      : typeof until === 'number' && plain.length >= until;
  while (!plain.ended && !enough()) await plain.changed();
  const octets = plain.take(typeof until === 'number' ? until : undefined);
  if (typeof store === 'string') run.stored.set(store, octets);
  return {
    error: plain.error,
    return: octets.length,
    data: octets.length > 0 ? octets.toString('hex') : null,
  };
}

/** FIN. */
export function plainEnd(run: Run, { socket }: Parameters): StepResult {
  plainOf(run).socket(socket).socket.end();
  return { error: null };
}

/** RST. */
export function plainReset(run: Run, { socket }: Parameters): StepResult {
  plainOf(run).socket(socket).socket.resetAndDestroy();
  return { error: null };
}
