import { Duplex, addAbortSignal } from 'node:stream';
import {
  checkFunction,
  checkMilliseconds,
  socketClosed,
  socketClosedBeforeConnection,
} from './arguments.js';
import { connectChannel, debug, rethrowLater } from './diagnostics.js';
import { errorOfFailure, WinsockError } from './errors.js';
import type { AnyListener, EventName, Listener } from './event-types.js';
import { optionsAndCallback } from './net-arguments.js';
import type { Address, ProviderSocket } from './provider/provider.js';
import { checkOptions, onReadOf } from './socket/check-options.js';
import { waitForLastWord } from './socket/disconnect.js';
import type { SocketEventMap } from './socket/events.js';
import { IdleTimer } from './socket/idle-timer.js';
import { LastWord } from './socket/last-word.js';
import { Link } from './socket/link.js';
import type {
  Answer,
  ConnectOptions,
  DisconnectOptions,
  SocketConstructorOptions,
} from './socket/options.js';
import { Owner, type SocketHome } from './socket/owner.js';
import { Receiver } from './socket/receiver.js';
import { Sender } from './socket/sender.js';
import { Setup } from './socket/setup.js';
import { octetsOf, userData, type UserData } from './user-data.js';
import {
  FD_CLOSE,
  FD_CONNECT,
  FD_READ,
  FD_WRITE,
} from './vocabulary/constants.js';
import {
  WSAEALREADY,
  WSAEISCONN,
  WSAEWOULDBLOCK,
  type Status,
} from './vocabulary/error-codes.js';
import type { Qos } from './vocabulary/qos.js';

/** As `net.Socket.address()` tells it. */
export interface AddressInfo {
  address: string;
  family: string;
  port: number;
}

/** Makes the Socket of a connection that a server has accepted. */
export let socketOf: (
  options: SocketConstructorOptions & { pauseOnCreate?: boolean },
  connected: ProviderSocket,
  server: object,
  home: SocketHome,
) => Socket;

/** The listener of 'end': one for all sockets, rather than one for each. */
let onEnd: (this: Socket) => void;

/**
 * A connection with a first and a last word, shaped like `net.Socket`.
 *
 * This is what its user sees. The work is done by its parts in `socket/`: a
 * setup for each connect, the receiver, the sender and the last word, over the
 * link to the provider that they share.
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export class Socket extends Duplex {
  /** Between `connect` and the callee's verdict. */
  connecting = false;
  /** Milliseconds, as set by {@link setTimeout}; `undefined` if never. */
  timeout: number | undefined;
  /** What happy eyeballs has tried, if it was at work. */
  autoSelectFamilyAttemptedAddresses: string[] | undefined;
  /** The Server that has accepted it. */
  server: object | null = null;
  /**
   * Seconds that a closed socket may take to send what it still has
   * (SO_LINGER); 0: it aborts. `undefined`: until there is no progress.
   */
  linger: number | undefined;
  /** See {@link Answer}; without one, `allowHalfOpen` says what happens. */
  answer: Answer | undefined;

  readonly #options: SocketConstructorOptions;
  readonly #signal: AbortSignal | undefined;
  #home: SocketHome | undefined;
  /** Of the last connect; a socket that was accepted has none. */
  #setup: Setup | undefined;

  readonly #link: Link;
  readonly #idle: IdleTimer;
  readonly #receiver: Receiver;
  readonly #sender: Sender;
  readonly #lastWord: LastWord;

  constructor(options?: SocketConstructorOptions) {
    const given = checkOptions(options);
    super(given);
    const messages = given.readableObjectMode;
    this.#options = given;
    this.#signal = options?.signal;
    this.linger = given.linger;
    this.answer = given.answer;
    const link = new Link();
    const idle = new IdleTimer(this, link);
    this.#link = link;
    this.#idle = idle;
    this.#receiver = new Receiver(
      this,
      link,
      idle,
      messages,
      onReadOf(given.onread),
    );
    this.#sender = new Sender(this, link, idle, messages);
    this.#lastWord = new LastWord(this, link, idle);
    if (given.noDelay !== undefined) link.setNoDelay(given.noDelay, false);
    if (given.keepAlive) {
      link.setKeepAlive(true, given.keepAliveInitialDelay ?? 0, false);
    }
    // Each write is a message of its own.
    if (messages) Object.assign(this, { _writev: undefined });
    // The first listener: what it does is done before anyone else's 'end'.
    this.on('end', onEnd);
    if (this.#signal) addAbortSignal(this.#signal, this);
  }

  static {
    socketOf = (options, connected, server, home) => {
      const socket = new Socket(options);
      socket.#home = home;
      socket.server = server;
      socket.#adopt(connected);
      socket.#link.applySettings();
      if (options.pauseOnCreate) socket.pause();
      else socket.read(0);
      return socket;
    };
    onEnd = function () {
      this.#lastWord.onEnd();
    };
  }

  #adopt(provider: ProviderSocket): void {
    this.#link.provider = provider;
    provider.owner = new Owner(this, Socket.#onIndication, this.#home);
  }

  // -- setup ----------------------------------------------------------------

  connect(options: ConnectOptions, listener?: () => void): this;
  connect(port: number | string, listener?: () => void): this;
  connect(port: number | string, host: string, listener?: () => void): this;
  connect(path: string, listener?: () => void): this;
  connect(...args: unknown[]): this {
    const [options, listener] = optionsAndCallback(args);
    const setup = new Setup(this, this.#options, options);

    if (listener) this.once('connect', listener);
    if (this.#signal?.aborted) return this;
    if (this.connecting) {
      this.#failSoon(new WinsockError(WSAEALREADY, { syscall: 'connect' }));
      return this;
    }
    if (this.#link.provider && !this.destroyed) {
      this.#failSoon(new WinsockError(WSAEISCONN, { syscall: 'connect' }));
      return this;
    }
    this.#renew();
    this.connecting = true;
    this.#idle.touch();
    this.#setup = setup;
    this.autoSelectFamilyAttemptedAddresses = setup.triesFamilies
      ? []
      : undefined;

    const { blocked } = setup;
    if (blocked) {
      this.#failSoon(blocked);
      return this;
    }
    debug('connect to %o', setup.place);
    const provider = setup.createSocket();
    this.#adopt(provider);
    let status: Status;
    try {
      status = setup.start(provider);
    } catch (error) {
      // Node has found an argument wrong that it alone checks.
      this.connecting = false;
      this.#link.provider = undefined;
      throw error;
    }
    if (status !== WSAEWOULDBLOCK) {
      const failure = { ...provider.failure, status };
      this.#failSoon(errorOfFailure(failure, 'connect'));
    }
    return this;
  }

  /** A socket that was closed may connect again. */
  #renew(): void {
    if (Object.hasOwn(this, 'write')) {
      Reflect.deleteProperty(this, 'write');
    }
    if (!this.destroyed) return;
    undestroy(this);
    this.#home = undefined;
    this.#link.renew();
    this.#receiver.renew();
    this.#sender.renew();
    this.#lastWord.renew();
  }

  #failSoon(error: Error): void {
    process.nextTick(() => {
      this.destroy(error);
    });
  }

  #onConnected(status: Status): void {
    if (status !== 0) {
      const error = errorOfFailure(
        this.#link.provider!.failure ?? { status },
        'connect',
        this.#setup!.place,
      );
      debug('connect failed: %s', error.message);
      connectChannel.publish({ socket: this, error });
      this.destroy(error);
      return;
    }
    this.connecting = false;
    this.#link.applySettings();
    this.#idle.touch();
    if (connectChannel.hasSubscribers) {
      connectChannel.publish({ socket: this, error: undefined });
    }
    this.#sender.sendHeld();
    this.emit('connect');
    this.emit('ready');
    if (this.readable && !this.isPaused()) this.read(0);
  }

  /** What the connection was asked for with. */
  get callerData(): Buffer | undefined {
    return this.#setup?.callerData ?? userData(this.#link.known?.callerData);
  }

  /** What the callee said when it accepted. */
  get calleeData(): Buffer | undefined {
    return userData(this.#link.known?.calleeData);
  }

  /** The quality of service, as the callee has left it. */
  get sqos(): Qos | undefined {
    return this.#link.known?.sqos ?? this.#setup?.sqos;
  }

  /** `false` for a plain peer: there is no user data then. */
  get framed(): boolean {
    return this.#link.known?.framed ?? true;
  }

  /** What carries the connection: a net.Socket, a TLSSocket, … */
  get stream(): Duplex | undefined {
    return this.#link.provider?.stream;
  }

  // -- indications ----------------------------------------------------------

  static #onIndication(
    this: void,
    socket: Socket,
    event: number,
    status: Status,
  ): void {
    // What listeners throw must not reach the provider.
    try {
      switch (event) {
        case FD_READ:
          socket.#receiver.pump();
          return;
        case FD_WRITE:
          socket.#sender.sendHeld();
          return;
        case FD_CLOSE:
          socket.#lastWord.onClosed(status);
          return;
        case FD_CONNECT:
          socket.#onConnected(status);
          return;
      }
    } catch (error) {
      rethrowLater(error);
    }
  }

  // -- receiving ------------------------------------------------------------

  override _read(): void {
    this.#receiver.want();
  }

  override pause(): this {
    this.#receiver.pauseOnRead();
    return super.pause();
  }

  override resume(): this {
    super.resume();
    this.#receiver.resumeOnRead();
    return this;
  }

  override read(size?: number): unknown {
    this.#receiver.resumeOnRead();
    return super.read(size);
  }

  get bytesRead(): number {
    return this.#receiver.octets;
  }

  // -- sending --------------------------------------------------------------

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    this.#sender.send(chunk, chunk.length, callback);
  }

  override _writev(
    chunks: { chunk: Buffer; encoding: BufferEncoding }[],
    callback: (error?: Error | null) => void,
  ): void {
    this.#sender.sendAll(chunks, callback);
  }

  get bytesWritten(): number {
    return this.#sender.confirmed + this.writableLength;
  }

  get bufferSize(): number | undefined {
    return this.#link.provider ? this.writableLength : undefined;
  }

  // -- teardown -------------------------------------------------------------

  override _final(callback: (error?: Error | null) => void): void {
    this.#lastWord.final(callback);
  }

  /**
   * Says our last word behind all that was written, and waits for the peer's.
   *
   * Nobody else may be reading: then what still comes is dropped, so that the
   * peer's last word is not held up behind it.
   *
   * @returns the peer's last word; `undefined` if it had none.
   */
  disconnect(
    data?: UserData,
    options: DisconnectOptions = {},
  ): Promise<Buffer | undefined> {
    return waitForLastWord(this, options, (fail) => {
      this.#lastWord.sayOnceConnected(octetsOf(data, 'data'), fail);
    });
  }

  /** Whether the peer has said its last word, and all before it is read. */
  get disconnected(): boolean {
    return this.#lastWord.heard;
  }

  /** The peer's last word, once {@link disconnected}. */
  get disconnectData(): Buffer | undefined {
    return this.#lastWord.theirs;
  }

  /** Whether a last word of that length can still be said, and is taken. */
  takesLastWord(length: number): boolean {
    return this.#lastWord.takes(length);
  }

  /** Ends the connection so that the peer sees a reset. */
  resetAndDestroy(): this {
    if (!this.#link.provider) {
      this.destroy(socketClosed());
    } else if (this.connecting) {
      this.once('connect', () => {
        this.#lastWord.abort();
      });
    } else {
      this.#lastWord.abort();
    }
    return this;
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  override _destroy(
    error: Error | null,
    callback: (error?: Error | null) => void,
  ): void {
    const wasConnecting = this.connecting;
    const hadConnection = this.#link.provider !== undefined;
    this.connecting = false;
    this.#idle.stop();
    const written = this.#sender.forget();
    const failure = this.#lastWord.onDestroy(error);
    this.#home?.ondestroyed();
    callback(failure);
    if (wasConnecting && written) {
      this.once('close', () => {
        written(socketClosedBeforeConnection());
      });
    }
    // As net: who waits for 'error' goes on before 'close' is told.
    if (hadConnection) setImmediate(emitClose, this, Boolean(failure));
    else process.nextTick(emitClose, this, Boolean(failure));
  }

  // -- what it is -----------------------------------------------------------

  get pending(): boolean {
    return !this.#link.provider || this.connecting;
  }

  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening';
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  address(): AddressInfo | Record<string, never> {
    const name = this.#local;
    return name
      ? { address: name.address, family: name.family, port: name.port }
      : {};
  }

  get #local(): Address | undefined {
    return this.destroyed ? undefined : this.#link.localName;
  }

  get #remote(): Address | undefined {
    return this.connecting ? undefined : this.#link.remoteName;
  }

  get localAddress(): string | undefined {
    return this.#local?.address;
  }

  get localPort(): number | undefined {
    return this.#local?.port;
  }

  get localFamily(): string | undefined {
    return this.#local?.family;
  }

  get remoteAddress(): string | undefined {
    return this.#remote?.address;
  }

  get remotePort(): number | undefined {
    return this.#remote?.port;
  }

  get remoteFamily(): string | undefined {
    return this.#remote?.family;
  }

  // -- options --------------------------------------------------------------

  setTimeout(milliseconds: number, listener?: () => void): this {
    if (this.destroyed) return this;
    this.timeout = milliseconds;
    const duration = checkMilliseconds(milliseconds, 'msecs');
    if (listener !== undefined) checkFunction(listener, 'callback');
    this.#idle.start(duration);
    if (listener) {
      if (duration === 0) this.removeListener('timeout', listener);
      else this.once('timeout', listener);
    }
    return this;
  }

  setNoDelay(on = true): this {
    this.#link.setNoDelay(on, !this.pending);
    return this;
  }

  setKeepAlive(on = false, initialDelay = 0): this {
    this.#link.setKeepAlive(on, initialDelay, !this.pending);
    return this;
  }

  ref(): this {
    this.#link.ref();
    return this;
  }

  unref(): this {
    this.#link.unref();
    return this;
  }
}

/** A stream's own way to begin anew, as net uses it. */
function undestroy(socket: Socket): void {
  const { _undestroy: reset } = socket as unknown as {
    _undestroy: () => void;
  };
  Reflect.apply(reset, socket, []);
}

function emitClose(socket: Socket, hadError: boolean): void {
  socket.emit('close', hadError);
}

/** Its events, with what they bring (see {@link SocketEventMap}). */
// Overloads of methods that Duplex has: nothing is left to initialize.
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export interface Socket {
  addListener<E extends keyof SocketEventMap>(
    event: E,
    listener: Listener<SocketEventMap[E]>,
  ): this;
  addListener(event: EventName, listener: AnyListener): this;
  on<E extends keyof SocketEventMap>(
    event: E,
    listener: Listener<SocketEventMap[E]>,
  ): this;
  on(event: EventName, listener: AnyListener): this;
  once<E extends keyof SocketEventMap>(
    event: E,
    listener: Listener<SocketEventMap[E]>,
  ): this;
  once(event: EventName, listener: AnyListener): this;
  prependListener<E extends keyof SocketEventMap>(
    event: E,
    listener: Listener<SocketEventMap[E]>,
  ): this;
  prependListener(event: EventName, listener: AnyListener): this;
  prependOnceListener<E extends keyof SocketEventMap>(
    event: E,
    listener: Listener<SocketEventMap[E]>,
  ): this;
  prependOnceListener(event: EventName, listener: AnyListener): this;
  off<E extends keyof SocketEventMap>(
    event: E,
    listener: Listener<SocketEventMap[E]>,
  ): this;
  off(event: EventName, listener: AnyListener): this;
  removeListener<E extends keyof SocketEventMap>(
    event: E,
    listener: Listener<SocketEventMap[E]>,
  ): this;
  removeListener(event: EventName, listener: AnyListener): this;
  emit<E extends keyof SocketEventMap>(
    event: E,
    ...args: SocketEventMap[E]
  ): boolean;
  emit(event: EventName, ...args: unknown[]): boolean;
}
