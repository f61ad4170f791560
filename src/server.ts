// Longer than other files: it has all of net.Server's interface, with the overloads.

import { EventEmitter, captureRejectionSymbol } from 'node:events';
import type { BlockList } from 'node:net';
import type { Duplex } from 'node:stream';
import { serverAlreadyListening, serverNotRunning } from './arguments.js';
import { initializing, readAnywhere } from './callable.js';
import { isMessageOriented } from './connection-options.js';
import type { AnyListener, EventName, Listener } from './event-types.js';
import { debug, drainChannel, netServerSocket } from './diagnostics.js';
import type {
  ListenerStatistics,
  ProviderConnection,
} from './provider/provider.js';
import { Backlog } from './server/backlog.js';
import {
  checkOptions,
  delayOf,
  highWaterMarkOf,
  isOn,
  type CheckedOptions,
} from './server/check-options.js';
import type { Condition } from './server/condition.js';
import { Connections } from './server/connections.js';
import {
  checkDrainOptions,
  Deadline,
  drainSockets,
  onceAborted,
  type DrainOptions,
  type DrainResult,
} from './server/drain.js';
import { emitSafely } from './server/emit-safely.js';
import { ServerHandle } from './server/handle.js';
import type { ServerEventMap } from './server/events.js';
import { listenCallOf } from './server/listen-target.js';
import { Listening } from './server/listening.js';
import { newCounters, type ServerMetrics } from './server/metrics.js';
import type { ListenOptions, ServerOptions } from './server/options.js';
import { Verdicts } from './server/verdicts.js';
import { socketOf, type AddressInfo, type Socket } from './socket.js';
import { SharedOptions } from './socket/check-options.js';
import { Handle } from './socket/handle.js';
import type { Answer } from './socket/options.js';

/** Counts of a server's connections. */
export interface ServerStatistics extends ListenerStatistics {
  /** Closed connections that still send or wait for the peer. */
  lingering: number;
}

const Base: typeof EventEmitter = initializing(EventEmitter);

type ConnectionListener = (socket: Socket) => void;

// The parts in `server/` do the work: listening, the verdicts, and the
// connections that its close waits for.
/**
 * Accepts connections, shaped like `net.Server`; a condition function decides
 * about each before it is accepted.
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- overloads of inherited methods
export class Server extends Base {
  allowHalfOpen: boolean;
  pauseOnConnect: boolean;
  noDelay: boolean;
  keepAlive: boolean;
  /** In seconds, as in `net`; the option of that name has milliseconds. */
  keepAliveInitialDelay: number;
  highWaterMark: number;
  blockList: BlockList | undefined;
  /** Callers beyond it are refused, and reported by the event `drop`. */
  maxConnections: number | undefined;
  /** As in `node:net`; here a caller beyond the limit is always refused. */
  dropMaxConnection = false;
  /** Decides about each caller from now on. */
  condition: Condition | undefined;
  answer: Answer | undefined;
  linger: number | undefined;

  readonly #options: CheckedOptions;
  readonly #listening: Listening;
  readonly #verdicts: Verdicts;
  readonly #connections: Connections;
  readonly #counters = newCounters();
  /** Sockets that a drain waits for. */
  #draining: ReadonlySet<Socket> | undefined;
  /** Once somebody has asked for it. */
  #handle: ServerHandle | undefined;
  /** Options of the accepted sockets. */
  #ofSockets: SharedOptions | undefined;
  /** Present once somebody has used `for await`. */
  #backlog: Backlog<Socket> | undefined;

  constructor(connectionListener?: ConnectionListener);
  constructor(
    options?: ServerOptions | null,
    connectionListener?: ConnectionListener,
  );
  constructor(
    first?: ServerOptions | ConnectionListener | null,
    second?: ConnectionListener,
  ) {
    super();
    const listener = typeof first === 'function' ? first : second;
    const options = checkOptions(
      typeof first === 'function' ? {} : (first ?? {}),
    );
    if (typeof listener === 'function') this.on('connection', listener);

    this.#options = options;
    this.allowHalfOpen = isOn(options.allowHalfOpen);
    this.pauseOnConnect = isOn(options.pauseOnConnect);
    this.noDelay = isOn(options.noDelay);
    this.keepAlive = isOn(options.keepAlive);
    this.keepAliveInitialDelay = Math.trunc(
      delayOf(options.keepAliveInitialDelay) / 1000,
    );
    this.highWaterMark = highWaterMarkOf(options.highWaterMark);
    this.blockList = options.blockList;
    this.condition = options.condition;
    this.answer = options.answer;
    this.linger = options.linger;

    const counters = this.#counters;
    const listening = new Listening(this, options, counters, {
      onopen: () => {
        this.#verdicts.enterContext();
        this.#backlog?.reopen();
      },
      oncallers: (at) => {
        this.#verdicts.acceptAll(at);
      },
      onerror: (error) => {
        if (!this.#backlog?.fail(error)) this.emit('error', error);
      },
    });
    const connections = new Connections(
      this,
      listening,
      counters,
      options.maxLingering,
    );
    this.#listening = listening;
    this.#connections = connections;
    this.#verdicts = new Verdicts(this, counters, {
      get connections() {
        return connections.size;
      },
      get isClosed() {
        return !listening.isOpen;
      },
      onaccepted: (connected) =>
        this.#handle
          ? this.#handle.take(new Handle(connected))
          : this.#take(connected),
      onconnection: (socket) => {
        this.#backlog?.push(socket);
        if (netServerSocket.hasSubscribers && !socket.stream) {
          netServerSocket.publish({ socket });
        }
        // Perhaps nobody has taken it, and close() waits for it.
        if (!emitSafely(this, 'connection', socket)) socket.resetAndDestroy();
      },
    });
  }

  static {
    readAnywhere(this.prototype, (object) => #options in object);
  }

  // -- listening ------------------------------------------------------------

  listen(
    port?: number | string | null,
    hostname?: string,
    backlog?: number,
    listener?: () => void,
  ): this;
  listen(
    port?: number | string | null,
    hostname?: string,
    listener?: () => void,
  ): this;
  listen(
    port?: number | string | null,
    backlog?: number,
    listener?: () => void,
  ): this;
  listen(port?: number | string | null, listener?: () => void): this;
  listen(path: string, backlog?: number, listener?: () => void): this;
  listen(path: string, listener?: () => void): this;
  listen(options: ListenOptions, backlog?: number, listener?: () => void): this;
  listen(options: ListenOptions, listener?: () => void): this;
  /** @param handle a net.Server, a handle of Node's, or a BoundSocket. */
  listen(handle: object, backlog?: number, listener?: () => void): this;
  listen(handle: object, listener?: () => void): this;
  listen(listener?: () => void): this;
  listen(...args: unknown[]): this {
    if (this.listening) throw serverAlreadyListening();
    const call = listenCallOf(args, this.#options);
    if (call.callback) this.once('listening', call.callback);
    if (call.signal?.aborted) {
      process.nextTick(() => this.close());
      return this;
    }
    this.#handle = undefined;
    this.#listening.listen(call);
    return this;
  }

  get listening(): boolean {
    return this.#listening.isListening;
  }

  address(): AddressInfo | string | null {
    return this.#listening.address();
  }

  /**
   * The listening address in `net`'s form: family, address, port as requested.
   */
  get _connectionKey(): string | undefined {
    return this.#listening.key;
  }

  /** While it listens; see docs/api.md for what it can do. */
  get _handle(): ServerHandle | null {
    if (!this.#listening.isOpen) return null;
    this.#handle ??= new ServerHandle(this, (handle) => {
      const provider = handle.handOver();
      return this.#take(provider!, handle);
    });
    return this.#handle;
  }

  /**
   * Takes a connected Duplex like an incoming connection: the handshake begins,
   * and the condition function decides.
   */
  adopt(stream: Duplex): this {
    this.#listening.adopt(stream);
    return this;
  }

  // -- connections ----------------------------------------------------------

  /** Octets (or messages) read ahead: a stream counts its own units. */
  get #readAhead(): number {
    return isMessageOriented(this.#options)
      ? highWaterMarkOf(this.#options.highWaterMark, 'messages')
      : highWaterMarkOf(this.highWaterMark);
  }

  #take(connected: ProviderConnection, handle?: Handle): Socket {
    const options = {
      // Users may set any value that `net` takes for true.
      allowHalfOpen: isOn(this.allowHalfOpen),
      pauseOnCreate: isOn(this.pauseOnConnect),
      readableHighWaterMark: this.#readAhead,
      writableHighWaterMark: highWaterMarkOf(this.highWaterMark),
      noDelay: isOn(this.noDelay) || undefined,
      keepAlive: isOn(this.keepAlive),
      keepAliveInitialDelay: delayOf(1000 * this.keepAliveInitialDelay),
      socketType: this.#options.socketType,
      answer: this.answer,
      linger: this.linger,
    };
    if (!this.#ofSockets?.isOf(options)) {
      this.#ofSockets = new SharedOptions(options);
    }
    const checked = this.#ofSockets;
    return this.#connections.add((home) =>
      socketOf(checked, connected, this, home, handle),
    );
  }

  getConnections(callback: (error: Error | null, count: number) => void): this {
    process.nextTick(callback, null, this.#connections.size);
    return this;
  }

  /** Current counts; `undefined` while it does not listen. */
  get statistics(): ServerStatistics | undefined {
    const counted = this.#listening.statistics;
    return counted && { ...counted, lingering: this.#connections.lingering };
  }

  /**
   * Counts for operators, over the server's whole life. The call takes time in
   * proportion to the open connections.
   */
  metrics(): ServerMetrics {
    const connections = this.#connections;
    const { pending = 0, deferred = 0 } = this.#listening.statistics ?? {};
    const metrics = {
      connections: connections.size,
      pending,
      deferred,
      lingering: connections.lingering,
      draining: this.#draining?.size ?? 0,
      ...this.#counters,
    };
    this.#listening.addTo(metrics);
    for (const socket of connections.sockets) {
      metrics.bytesRead += socket.bytesRead;
      metrics.bytesWritten += socket.bytesWritten;
    }
    return metrics;
  }

  override [captureRejectionSymbol](
    error: Error,
    event: string | symbol,
    ...args: unknown[]
  ): void {
    if (event === 'connection') (args[0] as Socket).destroy(error);
    else this.emit('error', error);
  }

  /**
   * `for await (const socket of server)`. Leaving the loop stops accepting;
   * sockets accepted by then wait for the next loop.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Socket> {
    const backlog = (this.#backlog ??= new Backlog());
    const iterator: AsyncIterableIterator<Socket> = {
      next: () => backlog.next(),
      return: () => {
        this.#stop();
        return Promise.resolve({ value: undefined, done: true });
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  // -- closing --------------------------------------------------------------

  /**
   * Stops accepting. `callback` and the event `close` come once all connections
   * have gone and their last words are sent.
   */
  close(callback?: (error?: Error) => void): this {
    const { isOpen } = this.#listening;
    if (typeof callback === 'function') {
      if (isOpen) this.once('close', callback);
      else this.once('close', () => callback(serverNotRunning()));
    }
    // As in net, a server that is closed already emits it again.
    if (!isOpen && !this.#connections.isClosing) {
      this.#connections.expectClose();
    }
    this.#stop();
    return this;
  }

  #stop(rejectData?: Uint8Array): void {
    this.#listening.stop(() => {
      this.#connections.expectClose();
    }, rejectData);
    this.#backlog?.end();
    this.#connections.emitCloseIfNoneIsLeft();
  }

  /** Closes all connections, as `socket.destroy()` does: nothing is lost. */
  closeAllConnections(): void {
    for (const socket of this.#connections.sockets) socket.destroy();
  }

  /**
   * Stops accepting, tells every client why, and waits for each to end; with a
   * notice the clients get some time before that. At the deadline all remaining
   * connections are aborted, lingering ones too.
   *
   * Resolves once every connection has gone.
   */
  async drain(options: DrainOptions = {}): Promise<DrainResult> {
    const asked = checkDrainOptions(options);
    const { data } = asked;
    const deadline = new Deadline(asked.milliseconds, asked.signal);

    const refused =
      (this.statistics?.pending ?? 0) + (this.statistics?.deferred ?? 0);
    this.#stop(data);
    const closed = this.#connections.closed();
    const waiting = new Set(this.#connections.sockets);
    this.#draining = waiting;
    const ended = await drainSockets(waiting, asked, deadline.signal);
    let lingering = 0;
    onceAborted(deadline.signal, () => {
      lingering = this.#connections.cutLingering();
    });
    await closed;
    deadline.cancel();

    const { answers, ...counts } = { ...ended, lingering, refused };
    debug('drained: %o', counts);
    if (drainChannel.hasSubscribers) {
      drainChannel.publish({ server: this, counts });
    }
    return { ...counts, answers };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#listening.isOpen) return;
    await new Promise<void>((resolve) => {
      this.close(() => {
        resolve();
      });
    });
  }

  ref(): this {
    this.#listening.ref();
    return this;
  }

  unref(): this {
    this.#listening.unref();
    return this;
  }
}

/** Its events and their arguments (see {@link ServerEventMap}). */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- overloads of inherited methods
export interface Server {
  addListener<E extends keyof ServerEventMap>(
    event: E,
    listener: Listener<ServerEventMap[E]>,
  ): this;
  addListener(event: EventName, listener: AnyListener): this;
  on<E extends keyof ServerEventMap>(
    event: E,
    listener: Listener<ServerEventMap[E]>,
  ): this;
  on(event: EventName, listener: AnyListener): this;
  once<E extends keyof ServerEventMap>(
    event: E,
    listener: Listener<ServerEventMap[E]>,
  ): this;
  once(event: EventName, listener: AnyListener): this;
  prependListener<E extends keyof ServerEventMap>(
    event: E,
    listener: Listener<ServerEventMap[E]>,
  ): this;
  prependListener(event: EventName, listener: AnyListener): this;
  prependOnceListener<E extends keyof ServerEventMap>(
    event: E,
    listener: Listener<ServerEventMap[E]>,
  ): this;
  prependOnceListener(event: EventName, listener: AnyListener): this;
  off<E extends keyof ServerEventMap>(
    event: E,
    listener: Listener<ServerEventMap[E]>,
  ): this;
  off(event: EventName, listener: AnyListener): this;
  removeListener<E extends keyof ServerEventMap>(
    event: E,
    listener: Listener<ServerEventMap[E]>,
  ): this;
  removeListener(event: EventName, listener: AnyListener): this;
  emit<E extends keyof ServerEventMap>(
    event: E,
    ...args: ServerEventMap[E]
  ): boolean;
  emit(event: EventName, ...args: unknown[]): boolean;
}
