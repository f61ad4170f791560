import { connect as netConnect, type Socket as NetSocket } from 'node:net';
import type { Test } from 'tap';
import { framedProvider } from '../../src/provider/framed/provider.js';
import {
  defaultSocketOptions,
  type Address,
  type ConnectParameters,
  type ConnectRequest,
  type ConnectTarget,
  type Failure,
  type ListenTarget,
  type ProviderConnection,
  type ProviderListener,
  type SocketOptions,
  type ConnectionOwner,
  type ListenerOwner,
  type Verdict,
} from '../../src/provider/provider.js';
import { CF_ACCEPT } from '../../src/vocabulary/constants.js';
import { WSAEWOULDBLOCK } from '../../src/vocabulary/error-codes.js';

const open = new Set<Watched | WatchedListener>();

/** For `t.afterEach`: aborts everything that a test left open. */
export function abortAll(): void {
  for (const watched of open) watched.abort();
  open.clear();
}

export interface Indication {
  event: 'connect' | 'readable' | 'writable' | 'closed' | 'request';
  status: number;
}

/** An owner's indications so far, and promises for those to come. */
class Owner {
  readonly told: Indication[] = [];
  /** Called after each indication. */
  ontold: (() => void) | undefined;
  #unread = 0;
  readonly #waiting = new Set<() => void>();

  protected tell(event: Indication['event'], status: number): void {
    this.told.push({ event, status });
    this.wake();
    this.ontold?.();
  }

  protected wake(): void {
    // A Set may lose members while it is iterated.
    for (const wake of this.#waiting) wake();
  }

  /** Resolves when `test` holds, which is checked after each indication. */
  async until(test: () => boolean): Promise<void> {
    if (test()) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        if (!test()) return;
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
    });
  }

  /** The status of the next indication of `event`. */
  async next(event: Indication['event']): Promise<number> {
    let found: Indication | undefined;
    await this.until(() => {
      for (; this.#unread < this.told.length && !found; this.#unread++) {
        const indication = this.told[this.#unread]!;
        if (indication.event === event) found = indication;
      }
      return found !== undefined;
    });
    return found!.status;
  }
}

/** A connection at the seam, with its indications recorded. */
export class Watched extends Owner implements ConnectionOwner {
  readonly socket: ProviderConnection;
  isReleased = false;

  constructor(socket: ProviderConnection) {
    super();
    this.socket = socket;
    socket.owner = this;
    open.add(this);
  }

  abort(): void {
    this.socket.close(0);
  }

  onConnected(): void {
    this.tell('connect', 0);
  }

  onConnectFailed({ status }: Failure): void {
    this.tell('connect', status);
  }

  onReadable(): void {
    this.tell('readable', 0);
  }

  onWritable(): void {
    this.tell('writable', 0);
  }

  onClosed(status: number): void {
    this.tell('closed', status);
  }

  onNotice(): void {}

  onReleased(): void {
    this.isReleased = true;
    open.delete(this);
    this.wake();
  }

  released(): Promise<void> {
    return this.until(() => this.isReleased);
  }

  /** Everything up to the close indication. */
  async read(): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    const drain = () => {
      for (;;) {
        const piece = this.socket.inbox.receive();
        if (typeof piece === 'number') return piece;
        pieces.push(piece);
      }
    };
    await this.until(() => drain() !== WSAEWOULDBLOCK);
    return Buffer.concat(pieces);
  }

  /** The peer's last word, once its close is indicated. */
  async lastWord(): Promise<string | undefined | number> {
    await this.next('closed');
    return text(this.socket.inbox.receiveDisconnect(65_535));
  }
}

/** A listener at the seam, with its indications recorded. */
export class WatchedListener extends Owner implements ListenerOwner {
  readonly socket: ProviderListener;
  readonly handshakeFailures: Failure[] = [];

  constructor(socket: ProviderListener) {
    super();
    this.socket = socket;
    socket.owner = this;
    open.add(this);
  }

  abort(): void {
    this.socket.close();
  }

  onRequest(): void {
    this.tell('request', 0);
  }

  onListenError(): void {}

  onHandshakeFailure(failure: Failure): void {
    this.handshakeFailures.push(failure);
    this.wake();
  }

  handshakeFailure(): Promise<void> {
    return this.until(() => this.handshakeFailures.length > 0);
  }
}

export function text(
  octets: Uint8Array | number | undefined,
): string | number | undefined {
  return octets instanceof Uint8Array
    ? Buffer.from(octets).toString('latin1')
    : octets;
}

export function newConnection(options: Partial<SocketOptions> = {}): Watched {
  return new Watched(
    framedProvider.createConnection({ ...defaultSocketOptions, ...options }),
  );
}

export function newListener(
  options: Partial<SocketOptions> = {},
): WatchedListener {
  return new WatchedListener(
    framedProvider.createListener({ ...defaultSocketOptions, ...options }),
  );
}

export async function listening(
  target: ListenTarget,
  options: Partial<SocketOptions> = {},
): Promise<WatchedListener> {
  const listener = newListener(options);
  const failure = await new Promise<Failure>((resolve) => {
    listener.socket.listen(target, resolve);
  });
  if (failure.status !== 0) {
    throw new Error(`listen failed with ${failure.status}`, {
      cause: failure.cause,
    });
  }
  return listener;
}

export function addressOf(listener: WatchedListener): Address {
  return listener.socket.localAddress!;
}

/** The address of a listener on this machine. */
export function targetOf(listener: WatchedListener): {
  port: number;
  host: string;
} {
  return { port: addressOf(listener).port, host: addressOf(listener).address };
}

export function dialing(
  target: ConnectTarget,
  parameters: Partial<ConnectParameters> = {},
  options: Partial<SocketOptions> = {},
): Watched {
  const caller = newConnection(options);
  const status = caller.socket.connect(target, {
    calleeDataLimit: 4096,
    ...parameters,
  });
  if (status !== WSAEWOULDBLOCK) throw new Error(`connect gave ${status}`);
  return caller;
}

export const acceptAll = (): Verdict => ({ verdict: CF_ACCEPT });

/** Carries out a verdict on the next request, or the given one. */
export async function accepted(
  listener: WatchedListener,
  decide: (request: ConnectRequest) => Verdict = acceptAll,
  which?: ConnectRequest,
): Promise<Watched> {
  if (!which) await listener.next('request');
  const socket = listener.socket.accept(decide, which);
  if (typeof socket === 'number') throw new Error(`accept gave ${socket}`);
  return new Watched(socket);
}

/** A connection between a caller and a callee at `listener`. */
export async function connected(
  listener: WatchedListener,
  target: ConnectTarget,
  options: Partial<SocketOptions> = {},
): Promise<{ caller: Watched; callee: Watched }> {
  const caller = dialing(target, {}, options);
  const callee = await accepted(listener);
  const status = await caller.next('connect');
  if (status !== 0) throw new Error(`connect failed with ${status}`);
  return { caller, callee };
}

/** A raw peer, with its received octets and its end. */
export class RawPeer {
  readonly stream: NetSocket;
  readonly #chunks: Buffer[] = [];
  error: Error | undefined;
  ended = false;

  constructor(stream: NetSocket) {
    this.stream = stream;
    stream.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
    stream.on('error', (error) => {
      this.error = error;
    });
    stream.on('end', () => {
      this.ended = true;
    });
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  async receive(octets: number): Promise<Buffer> {
    while (this.received.length < octets) {
      if (this.stream.readableEnded || this.stream.destroyed) {
        throw new Error(
          `the peer ended after ${this.received.length} octets of ${octets}`,
        );
      }
      await new Promise<void>((resolve) => {
        for (const event of ['data', 'end', 'close']) {
          this.stream.once(event, () => {
            resolve();
          });
        }
      });
    }
    return this.received;
  }

  async closed(): Promise<void> {
    if (this.stream.closed) return;
    await new Promise((resolve) => this.stream.once('close', resolve));
  }

  /** Resolves at the peer's FIN, or when the connection is gone. */
  async end(): Promise<void> {
    if (this.ended || this.stream.destroyed) return;
    await new Promise<void>((resolve) => {
      this.stream.once('end', resolve);
      this.stream.once('close', () => {
        resolve();
      });
    });
  }
}

/** A raw peer that calls a listener, and has sent nothing yet. */
export function rawCaller(t: Test, listener: WatchedListener): RawPeer {
  const stream = netConnect({ ...targetOf(listener), allowHalfOpen: true });
  t.teardown(() => stream.destroy());
  return new RawPeer(stream);
}
