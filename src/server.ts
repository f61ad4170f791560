import { AsyncResource } from 'node:async_hooks';
import { EventEmitter, captureRejectionSymbol } from 'node:events';
import type { BlockList } from 'node:net';
import { getDefaultHighWaterMark, type Duplex } from 'node:stream';
import {
  checkFunction,
  checkInteger,
  checkMilliseconds,
  checkNumber,
  checkSignal,
  invalidArgType,
  serverAlreadyListening,
  serverNotRunning,
} from './arguments.js';
import { providerOf, socketOptionsOf } from './connection-options.js';
import {
  debug,
  drainChannel,
  rethrowLater,
  verdictChannel,
  type VerdictMessage,
} from './diagnostics.js';
import { errorOfFailure, WinsockError } from './errors.js';
import type {
  Address,
  ConnectRequest,
  Failure,
  ListenerStatistics,
  ProviderSocket,
  SocketOwner,
  Verdict,
} from './provider/provider.js';
import { Backlog } from './server/backlog.js';
import {
  ConditionRequest,
  withdraw,
  type Condition,
} from './server/condition.js';
import {
  drainSockets,
  type DrainOptions,
  type DrainResult,
} from './server/drain.js';
import { listenCallOf } from './server/listen-target.js';
import type {
  DropArgument,
  ListenOptions,
  ServerOptions,
} from './server/options.js';
import { Decision } from './server/verdict.js';
import {
  socketOf,
  type AddressInfo,
  type Socket,
  type SocketHome,
} from './socket.js';
import { isBlocked } from './socket/target.js';
import type { Answer } from './socket/options.js';
import { octetsOf } from './user-data.js';
import {
  CF_ACCEPT,
  CF_DEFER,
  CF_REJECT,
  FD_ACCEPT,
} from './vocabulary/constants.js';
import {
  WSAECONNABORTED,
  WSAECONNREFUSED,
  WSAECONNRESET,
  WSAEFAULT,
  WSAENOBUFS,
  WSAEOPNOTSUPP,
  WSAETIMEDOUT,
  WSATRY_AGAIN,
} from './vocabulary/error-codes.js';

type ConnectionListener = (socket: Socket) => void;

const refusal: Verdict = { verdict: CF_REJECT };

/**
 * Takes connections, shaped like `net.Server`; a condition function decides
 * about each before it is accepted.
 */
export class Server extends EventEmitter implements SocketHome {
  allowHalfOpen: boolean;
  pauseOnConnect: boolean;
  noDelay: boolean;
  keepAlive: boolean;
  keepAliveInitialDelay: number;
  highWaterMark: number;
  blockList: BlockList | undefined;
  /** Callers beyond it are refused, and told by the event `drop`. */
  maxConnections: number | undefined;
  /** As in `node:net`; here a caller beyond the limit is always refused. */
  dropMaxConnection = false;
  /** Decides about each caller that comes from now on. */
  condition: Condition | undefined;
  answer: Answer | undefined;
  linger: number | undefined;

  readonly #options: ServerOptions;
  /** The context that condition functions run in. */
  #context = new AsyncResource('GOODBYTESERVER');
  #listener: ProviderSocket | undefined;
  /** Bound, and not closed since. */
  #isBound = false;
  /** Takes what is adopted while the server does not listen. */
  #adopter: ProviderSocket | undefined;
  #path: string | undefined;
  #unref = false;

  readonly #sockets = new Set<Socket>();
  /** Closed here, with a last word still on its way. */
  readonly #leaving = new Set<Socket>();
  readonly #deciding = new Map<ConnectRequest, ConditionRequest>();
  /** The last one whose condition went wrong. */
  #failed: ConditionRequest | undefined;
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
    const options = typeof first === 'function' ? {} : (first ?? {});
    if (typeof options !== 'object') {
      throw invalidArgType('options', 'of type object', options);
    }
    if (typeof listener === 'function') this.on('connection', listener);

    const { keepAliveInitialDelay, highWaterMark } = options;
    if (keepAliveInitialDelay !== undefined) {
      checkNumber(keepAliveInitialDelay, 'options.keepAliveInitialDelay');
    }
    if (highWaterMark !== undefined) {
      checkNumber(highWaterMark, 'options.highWaterMark');
    }
    if (options.condition !== undefined) {
      checkFunction(options.condition, 'options.condition');
    }
    if (options.answer !== undefined) {
      checkFunction(options.answer, 'options.answer');
    }
    if (options.linger !== undefined) {
      checkInteger(options.linger, 'options.linger', 0, 0xffff);
    }
    // What is wrong with them shows here, not when somebody calls.
    socketOptionsOf(options);
    providerOf(options);

    this.#options = { ...options };
    this.allowHalfOpen = Boolean(options.allowHalfOpen);
    this.pauseOnConnect = Boolean(options.pauseOnConnect);
    this.noDelay = Boolean(options.noDelay);
    this.keepAlive = Boolean(options.keepAlive);
    this.keepAliveInitialDelay = Math.max(0, keepAliveInitialDelay ?? 0);
    this.highWaterMark =
      highWaterMark === undefined || highWaterMark < 0
        ? getDefaultHighWaterMark(false)
        : highWaterMark;
    this.blockList = options.blockList;
    this.condition = options.condition;
    this.answer = options.answer;
    this.linger = options.linger;
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
  listen(listener?: () => void): this;
  listen(...args: unknown[]): this {
    if (this.listening) throw serverAlreadyListening();
    const call = listenCallOf(args, this.#options.tls);
    if (call.callback) this.once('listening', call.callback);
    if (call.signal?.aborted) {
      process.nextTick(() => this.close());
      return this;
    }
    // An earlier one that has not bound yet gives way.
    this.#listener?.close();

    const listener = this.#open();
    this.#listener = listener;
    this.#path = call.path;
    if (this.#unref) listener.unref();
    const onabort = () => {
      this.close();
    };
    if (call.signal) {
      call.signal.addEventListener('abort', onabort, { once: true });
      this.once('close', () => {
        call.signal!.removeEventListener('abort', onabort);
      });
    }
    try {
      listener.listen(call.target, (failure) => {
        if (listener === this.#listener) this.#onListening(failure);
      });
    } catch (error) {
      // Node has found an argument wrong that it alone checks.
      this.#listener = undefined;
      throw error;
    }
    return this;
  }

  #open(): ProviderSocket {
    this.#context = new AsyncResource('GOODBYTESERVER');
    this.#backlog?.reopen();
    const socket = providerOf(this.#options).createSocket(
      socketOptionsOf(this.#options),
    );
    socket.owner = this.#ownerOf(socket);
    return socket;
  }

  #ownerOf(listener: ProviderSocket): SocketOwner {
    return {
      onindication: (event) => {
        if (event === FD_ACCEPT) this.#acceptAll(listener);
      },
      onhandshakefailure: (failure, callerId) => {
        this.#onHandshakeFailure(failure, callerId);
      },
      onlistenerror: (error) => {
        this.#fail(error);
      },
    };
  }

  #onHandshakeFailure(failure: Failure, callerId: Address): void {
    const error = errorOfFailure(failure, 'accept', {
      address: callerId.address,
      port: callerId.port,
    });
    debug('a handshake failed: %s', error.message);
    this.#emitSafely('handshakeError', error, callerId);
  }

  #onListening(failure: Failure): void {
    if (failure.status !== 0) {
      this.#listener = undefined;
      this.#path = undefined;
      const error = errorOfFailure(failure, 'listen');
      debug('listen failed: %s', error.message);
      this.#fail(error);
      return;
    }
    this.#isBound = true;
    if (this.#unref) this.#listener!.unref();
    debug('listening on %o', this.address());
    this.emit('listening');
  }

  #fail(error: Error): void {
    if (!this.#backlog?.fail(error)) this.emit('error', error);
  }

  get listening(): boolean {
    return (
      this.#listener !== undefined &&
      (this.#isBound || this.#listener.localAddress !== undefined)
    );
  }

  address(): AddressInfo | string | null {
    if (!this.listening) return null;
    if (this.#path !== undefined) return this.#path;
    const address = this.#listener!.localAddress;
    if (!address) return null;
    if (address.family === 'unix') return address.address;
    return {
      address: address.address,
      family: address.family,
      port: address.port,
    };
  }

  /**
   * Takes a connected Duplex as if it had come in here: the handshake begins,
   * and the condition function decides.
   */
  adopt(stream: Duplex): this {
    if (!this.listening) this.#adopter ??= this.#open();
    (this.#adopter ?? this.#listener)!.adopt(stream);
    return this;
  }

  // -- verdicts -------------------------------------------------------------

  #acceptAll(listener: ProviderSocket): void {
    let offered: ConditionRequest | undefined;
    let inner: ConnectRequest | undefined;
    const decide = (request: ConnectRequest): Verdict => {
      inner = request;
      offered = new ConditionRequest(request);
      return this.#decide(listener, request, offered);
    };
    for (;;) {
      inner = undefined;
      const result = listener.accept(decide, 'new');
      // Nobody waits, or a listener of ours has closed the server.
      if (!inner || !offered) return;
      this.#carryOut(listener, inner, offered, result);
    }
  }

  /** What the condition function says, or CF_DEFER while it is at it. */
  #decide(
    listener: ProviderSocket,
    inner: ConnectRequest,
    request: ConditionRequest,
  ): Verdict {
    const refused = this.#isTooMany(inner) ?? this.#isBlocked(inner);
    if (refused) return refused;
    const { condition } = this;
    if (!condition) return { verdict: CF_ACCEPT };
    try {
      const outcome = this.#context.runInAsyncScope(condition, this, request);
      if (!isThenable(outcome)) return Decision.verdictOf(outcome);
      this.#deciding.set(inner, request);
      inner.onwithdrawn = () => {
        this.#onWithdrawn(inner, request);
      };
      void this.#await(listener, inner, request, outcome);
      return { verdict: CF_DEFER };
    } catch (error) {
      this.#onConditionError(request, error);
      return refusal;
    }
  }

  #isTooMany(inner: ConnectRequest): Verdict | undefined {
    const { maxConnections } = this;
    if (maxConnections === undefined || maxConnections === null) {
      return undefined;
    }
    return this.#sockets.size >= maxConnections ? this.#drop(inner) : undefined;
  }

  #isBlocked(inner: ConnectRequest): Verdict | undefined {
    const { blockList } = this;
    return blockList && isBlocked(blockList, inner.callerId.address)
      ? this.#drop(inner)
      : undefined;
  }

  #drop({ callerId, calleeId }: ConnectRequest): Verdict {
    const about: DropArgument =
      callerId.family === 'unix'
        ? {}
        : {
            localAddress: calleeId.address,
            localPort: calleeId.port,
            localFamily: calleeId.family,
            remoteAddress: callerId.address,
            remotePort: callerId.port,
            remoteFamily: callerId.family,
          };
    this.#emitSafely('drop', about);
    return refusal;
  }

  async #await(
    listener: ProviderSocket,
    inner: ConnectRequest,
    request: ConditionRequest,
    outcome: PromiseLike<unknown>,
  ): Promise<void> {
    try {
      this.#conclude(listener, inner, request, await outcome);
    } catch (error) {
      this.#concludeFailed(listener, inner, request, error);
    }
  }

  /** An asynchronous verdict is there. */
  #conclude(
    listener: ProviderSocket,
    inner: ConnectRequest,
    request: ConditionRequest,
    decision: unknown,
  ): void {
    if (!this.#deciding.has(inner)) return;
    const verdict = this.#isTooMany(inner) ?? Decision.verdictOf(decision);
    this.#deciding.delete(inner);
    const result = listener.accept(() => verdict, inner);
    this.#carryOut(listener, inner, request, result);
  }

  #concludeFailed(
    listener: ProviderSocket,
    inner: ConnectRequest,
    request: ConditionRequest,
    error: unknown,
  ): void {
    // Who was withdrawn has nobody to tell; the condition may have thrown
    // because of it.
    if (!this.#deciding.delete(inner)) return;
    listener.accept(() => refusal, inner);
    this.#onConditionError(request, error);
  }

  /** @param result what the provider made of the verdict. */
  #carryOut(
    listener: ProviderSocket,
    inner: ConnectRequest,
    request: ConditionRequest,
    result: ProviderSocket | number,
  ): void {
    if (typeof result === 'object') {
      this.#onAccepted(request, result);
      return;
    }
    switch (result) {
      case WSATRY_AGAIN:
        return;
      case WSAECONNREFUSED:
        // Not if it was refused for an error, which was told.
        if (this.#failed !== request) {
          this.#tell({ server: this, request, verdict: 'reject' });
        }
        return;
      case WSAECONNRESET:
        this.#onWithdrawn(inner, request);
        return;
      default: {
        // Not as the condition function meant it: too much data, an sqos that
        // cannot be met, or too many are being decided already.
        const error = new WinsockError(result, {
          syscall: 'accept',
          detail: detailOf(result, inner),
        });
        this.#deciding.delete(inner);
        if (result === WSAENOBUFS) withdraw(request, error);
        else listener.accept(() => refusal, inner);
        this.#onConditionError(request, error);
      }
    }
  }

  #onWithdrawn(inner: ConnectRequest, request: ConditionRequest): void {
    this.#deciding.delete(inner);
    const isClosed = this.#listener === undefined;
    withdraw(
      request,
      new WinsockError(isClosed ? WSAECONNABORTED : WSAECONNRESET, {
        syscall: 'accept',
        detail: isClosed
          ? 'the server was closed'
          : 'the caller has left, or waited too long',
      }),
    );
    this.#tell({ server: this, request, verdict: 'withdrawn' });
  }

  #onConditionError(request: ConditionRequest, error: unknown): void {
    this.#failed = request;
    this.#tell({ server: this, request, verdict: 'error', error });
    if (this.listenerCount('conditionError') > 0) {
      this.#emitSafely('conditionError', error, request);
    } else {
      this.#emitSafely('error', error);
    }
  }

  #onAccepted(request: ConditionRequest, connected: ProviderSocket): void {
    const socket = socketOf(
      {
        allowHalfOpen: this.allowHalfOpen,
        pauseOnCreate: this.pauseOnConnect,
        readableHighWaterMark: this.highWaterMark,
        writableHighWaterMark: this.highWaterMark,
        noDelay: this.noDelay || undefined,
        keepAlive: this.keepAlive,
        keepAliveInitialDelay: this.keepAliveInitialDelay,
        socketType: this.#options.socketType,
        answer: this.answer,
        linger: this.linger,
      },
      connected,
      this,
    );
    this.#sockets.add(socket);
    this.#leaving.add(socket);
    this.#tell({ server: this, request, verdict: 'accept', socket });
    this.#backlog?.push(socket);
    this.#emitSafely('connection', socket);
  }

  #tell(message: VerdictMessage): void {
    debug('%s a caller from %o', message.verdict, message.request.callerId);
    if (verdictChannel.hasSubscribers) verdictChannel.publish(message);
  }

  /** What a listener throws must not keep the next caller from its verdict. */
  #emitSafely(event: string, ...args: unknown[]): void {
    try {
      this.emit(event, ...args);
    } catch (error) {
      rethrowLater(error);
    }
  }

  // -- connections ----------------------------------------------------------

  /** @internal */
  ondestroyed(socket: Socket): void {
    this.#sockets.delete(socket);
    this.#closeIfDone();
  }

  /** @internal */
  onreleased(socket: Socket): void {
    this.#leaving.delete(socket);
    this.#closeIfDone();
  }

  getConnections(callback: (error: Error | null, count: number) => void): this {
    process.nextTick(callback, null, this.#sockets.size);
    return this;
  }

  /** What the provider has counted; `undefined` when it does not listen. */
  get statistics(): ListenerStatistics | undefined {
    return (this.#listener ?? this.#adopter)?.statistics;
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
   * what was accepted until then waits for the next loop.
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

  // -- the end --------------------------------------------------------------

  /**
   * Stops accepting. `callback` and the event `close` come when all
   * connections are gone, and their last words out.
   */
  close(callback?: (error?: Error) => void): this {
    const isOpen = this.#listener !== undefined || this.#adopter !== undefined;
    if (typeof callback === 'function') {
      if (isOpen) this.once('close', callback);
      else this.once('close', () => callback(serverNotRunning()));
    }
    this.#stop();
    this.#emitCloseIfDrained();
    return this;
  }

  #closing = false;

  #stop(rejectData?: Uint8Array): void {
    const open = [this.#listener, this.#adopter];
    this.#listener = undefined;
    this.#adopter = undefined;
    this.#isBound = false;
    this.#path = undefined;
    for (const socket of open) {
      if (!socket) continue;
      this.#closing = true;
      socket.rejectData = rejectData;
      socket.close();
    }
    this.#backlog?.end();
  }

  #closeIfDone(): void {
    if (this.#closing) this.#emitCloseIfDrained();
  }

  #emitCloseIfDrained(): void {
    if (
      this.#listener ||
      this.#adopter ||
      this.#sockets.size > 0 ||
      this.#leaving.size > 0
    ) {
      return;
    }
    this.#closing = false;
    process.nextTick(() => this.emit('close'));
  }

  /** Closes all connections, as `socket.destroy()` does: nothing is lost. */
  closeAllConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /**
   * Stops accepting, tells every client why, and waits for each to end. What
   * is left at the deadline is aborted.
   *
   * Resolves when nothing is left of any connection.
   */
  async drain(options: DrainOptions = {}): Promise<DrainResult> {
    const { signal, deadline } = options;
    const data = octetsOf(options.data, 'options.data');
    if (signal !== undefined) checkSignal(signal, 'options.signal');
    const milliseconds =
      deadline === undefined
        ? undefined
        : checkMilliseconds(deadline, 'options.deadline');

    const cutOff = new AbortController();
    const cut = () => {
      cutOff.abort(
        new WinsockError(WSAETIMEDOUT, {
          syscall: 'drain',
          detail: 'the deadline has come',
        }),
      );
    };
    const timer =
      milliseconds === undefined ? undefined : setTimeout(cut, milliseconds);
    if (signal?.aborted) cut();
    else signal?.addEventListener('abort', cut, { once: true });

    const refused =
      (this.statistics?.pending ?? 0) + (this.statistics?.deferred ?? 0);
    const closed = new Promise((resolve) => this.once('close', resolve));
    this.#stop(data);
    this.#closing = true;
    const ended = await drainSockets([...this.#sockets], data, cutOff.signal);
    clearTimeout(timer);
    signal?.removeEventListener('abort', cut);
    this.#emitCloseIfDrained();
    await closed;

    const { answers, ...counts } = { ...ended, refused };
    debug('drained: %o', counts);
    if (drainChannel.hasSubscribers) {
      drainChannel.publish({ server: this, counts });
    }
    return { ...counts, answers };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#listener && !this.#adopter) return;
    await new Promise<void>((resolve) => {
      this.close(() => {
        resolve();
      });
    });
  }

  ref(): this {
    this.#unref = false;
    this.#listener?.ref();
    return this;
  }

  unref(): this {
    this.#unref = true;
    this.#listener?.unref();
    return this;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

function detailOf(status: number, request: ConnectRequest): string {
  switch (status) {
    case WSAEFAULT:
      return `the data is longer than the ${request.calleeDataLimit} octets that the caller takes`;
    case WSAEOPNOTSUPP:
      return 'the quality of service cannot be met';
    case WSAENOBUFS:
      return 'too many callers wait for a verdict';
    default:
      return 'the verdict could not be carried out';
  }
}
