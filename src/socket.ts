// Longer than other files: it has all of net.Socket's interface, with the overloads.

import { Duplex, addAbortSignal } from 'node:stream';
import { types } from 'node:util';
import {
  checkCode,
  checkFunction,
  checkMilliseconds,
  checkObject,
  endedByOtherParty,
  isThere,
  socketClosed,
  socketClosedBeforeConnection,
  streamDestroyed,
} from './arguments.js';
import { initializing, readAnywhere } from './callable.js';
import { connectTracing, debug, netClientSocket } from './diagnostics.js';
import { asBuffer, errorOfFailure, WinsockError } from './errors.js';
import type { AnyListener, EventName, Listener } from './event-types.js';
import { optionsAndCallback } from './net-arguments.js';
import {
  COPIED_AT_SEND,
  type Address,
  type ProviderConnection,
} from './provider/provider.js';
import {
  checkAnswer,
  checkLinger,
  SharedOptions,
  checkOptions,
  checkSocketType,
  onReadOf,
} from './socket/check-options.js';
import { Connection } from './socket/connection.js';
import {
  begin,
  disconnect,
  type Asked,
  type Settle,
} from './socket/disconnect.js';
import type { SocketEventMap } from './socket/events.js';
import { carrierOf } from './socket/carrier.js';
import { closedHandle, Handle } from './socket/handle.js';
import { hearsErrors } from './socket/hears.js';
import type { SocketHome } from './socket/home.js';
import { IdleTimer } from './socket/idle-timer.js';
import { notify } from './socket/notify.js';
import type {
  Answer,
  ConnectOptions,
  DisconnectOptions,
  NotifyOptions,
  OnReadOptions,
  ResetOptions,
  SetKeepAliveOptions,
  SocketConstructorOptions,
} from './socket/options.js';
import { renew } from './socket/renew.js';
import type { Sender } from './socket/sender.js';
import { checkTypeOfService, Settings } from './socket/settings.js';
import { Setup } from './socket/setup.js';
import type { Written } from './socket/written.js';
import { isWrittenByTls } from './socket/written-by-tls.js';
import { userData, type UserData } from './user-data.js';
import {
  WSAEALREADY,
  WSAEISCONN,
  WSAEWOULDBLOCK,
  type Status,
} from './vocabulary/error-codes.js';
import type { Qos } from './vocabulary/qos.js';

/** As `net.Socket.address()` returns it. */
export interface AddressInfo {
  address: string;
  family: string;
  port: number;
}

/** Each Socket's listener. */
let onEnd: (this: Socket) => void;
// Run at a socket's end: none needs a closure.
let tellServer: (socket: Socket, error: Error) => void;
let tellUnwritten: (socket: Socket) => void;
let tellClose: (
  socket: Socket,
  hadError: boolean,
  wasConnecting: boolean,
) => void;

const Base: typeof Duplex = initializing(Duplex);

/**
 * {@link Socket.disconnect} of a socket that was connected, without a promise.
 *
 * @internal
 */
export let sayLastWord: (socket: Socket, asked: Asked, settle: Settle) => void;

/**
 * Makes the Socket of an accepted connection.
 *
 * @internal
 */
export let socketOf: (
  options: SharedOptions,
  connected: ProviderConnection,
  server: object,
  home: SocketHome,
  handle?: Handle,
) => Socket;

// The parts in `socket/` do the work: a connection for each connect, with its
// receiver, sender and last word.
/** A connection with a first and a last word, shaped like `net.Socket`. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- overloads of inherited methods
export class Socket extends Base {
  /** Between `connect` and the callee's verdict. */
  connecting = false;
  /** Milliseconds, as set by {@link setTimeout}; `undefined` if never. */
  timeout: number | undefined;
  /** Addresses that happy eyeballs has tried. */
  autoSelectFamilyAttemptedAddresses: string[] | undefined;
  /** The Server that has accepted it. */
  server: object | null = null;
  #linger: number | undefined;
  #answer: Answer | undefined;

  readonly #options: SocketConstructorOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #messages: boolean;
  readonly #onread: OnReadOptions | undefined;
  readonly #idle: IdleTimer;
  readonly #settings: Settings;

  /** The one under way, or the last. */
  #connection: Connection | undefined;
  /** Requested before there was a connection. */
  #isReadWanted = false;
  /** Ended before there was a connection: the next one ends at once. */
  #isFinal = false;
  /** A TLS write that waits for a connection. */
  #early: { data: Uint8Array; callback: Written } | undefined;
  /** Calls back the write that the last connection cut off. */
  #unwritten: (() => void) | undefined;

  /** @param options a number is the option `fd`. */
  constructor(options?: SocketConstructorOptions | number) {
    const given =
      options instanceof SharedOptions ? options.given : checkOptions(options);
    super(given);
    const messages = given.readableObjectMode;
    this.#options = given;
    this.#signal = typeof options === 'object' ? options.signal : undefined;
    this.#linger = given.linger;
    this.#answer = given.answer;
    this.#idle = new IdleTimer(this);
    this.#settings = new Settings();
    this.#messages = messages;
    this.#onread = onReadOf(given.onread);
    if (isThere(given.noDelay)) this.#settings.setNoDelay(given.noDelay);
    if (given.keepAlive) {
      this.#settings.setKeepAlive(true, given.keepAliveInitialDelay ?? 0, {});
    }
    if (given.typeOfService !== undefined) {
      this.#settings.setTypeOfService(given.typeOfService);
    }
    // As in net, where programs count its listeners, or remove it.
    this.on('end', onEnd);
    if (this.#signal) addAbortSignal(this.#signal, this);
    const carrier = carrierOf(given);
    if (carrier) this.#take(carrier.provider, undefined, carrier.handle, given);
  }

  static {
    onEnd = function () {
      this.#connection?.lastWord.onEnd();
    };
    tellServer = (socket, error) => {
      socket.#tellServer(error);
    };
    tellUnwritten = (socket) => {
      socket.#tellUnwritten();
    };
    tellClose = (socket, hadError, wasConnecting) => {
      socket.emit('close', hadError);
      if (wasConnecting) socket.#tellUnwritten();
    };
    sayLastWord = (socket, asked, settle) => {
      begin(socket, socket.#connection!, asked, settle);
    };
    socketOf = (options, connected, server, home, handle) => {
      const socket = new Socket(options);
      socket.server = server;
      socket.#take(connected, home, handle, options);
      return socket;
    };
    readAnywhere(this.prototype, (object) => #options in object);
  }

  // -- setup ----------------------------------------------------------------

  connect(options: ConnectOptions, listener?: () => void): this;
  connect(port: number | string, listener?: () => void): this;
  connect(port: number | string, host: string, listener?: () => void): this;
  connect(path: string, listener?: () => void): this;
  connect(...args: unknown[]): this {
    const [options, listener] = optionsAndCallback(args);
    checkSocketType(options, this.#messages);
    const setup = new Setup(this, this.#options, options);

    if (listener) this.once('connect', listener);
    if (this.#signal?.aborted) return this;
    if (this.connecting) {
      this.#failSoon(new WinsockError(WSAEALREADY, { syscall: 'connect' }));
      return this;
    }
    if (this.#connection && !this.destroyed) {
      this.#failSoon(new WinsockError(WSAEISCONN, { syscall: 'connect' }));
      return this;
    }
    this.#forgetLast();
    this.connecting = true;
    this.#idle.touch();
    this.autoSelectFamilyAttemptedAddresses = setup.triesFamilies
      ? []
      : undefined;

    const { blocked } = setup;
    if (blocked) {
      this.#failSoon(blocked);
      return this;
    }
    debug('connect to %o', setup.place);
    const provider = setup.createConnection();
    this.#begin(provider, { setup });
    let status: Status;
    try {
      status = this.#start(setup, provider);
    } catch (error) {
      // Node has rejected an argument that only it checks.
      this.connecting = false;
      this.#connection = undefined;
      throw error;
    }
    if (netClientSocket.hasSubscribers && !provider.stream) {
      netClientSocket.publish({ socket: this });
    }
    if (status !== WSAEWOULDBLOCK) {
      const failure = { ...provider.failure, status };
      this.#failSoon(errorOfFailure(failure, 'connect'));
    }
    return this;
  }

  /** A socket that was closed may connect again. */
  #forgetLast(): void {
    if (!this.destroyed) return;
    this.#tellUnwritten();
    renew(this, this.#options);
    this.#connection?.lastWord.forgetSocket();
    this.#connection = undefined;
  }

  #begin(
    provider: ProviderConnection,
    from: { setup: Setup } | { home: SocketHome | undefined },
  ): void {
    const connection = new Connection(
      this,
      provider,
      {
        idle: this.#idle,
        settings: this.#settings,
        messages: this.#messages,
        onread: this.#onread,
      },
      from,
      this.#isReadWanted,
    );
    this.#connection = connection;
    this.#isReadWanted = false;
    if (this.#early) {
      const { data, callback } = this.#early;
      connection.sender.send(data, data.length, callback);
    }
    this.#early = undefined;
    if (this.#isFinal) connection.lastWord.final(() => {});
    this.#isFinal = false;
  }

  /** An open connection, which somebody else has made. */
  #take(
    provider: ProviderConnection,
    home: SocketHome | undefined,
    handle: Handle | undefined,
    {
      pauseOnCreate,
      manualStart,
    }: Pick<SocketConstructorOptions, 'pauseOnCreate' | 'manualStart'>,
  ): void {
    this.#begin(provider, { home });
    const connection = this.#connection!;
    if (handle) handle.owner = connection;
    connection.handle = handle;
    this.#settings.applyTo(connection);
    if (pauseOnCreate) this.pause();
    if (pauseOnCreate || manualStart) connection.rest();
    else this.read(0);
  }

  #start(setup: Setup, provider: ProviderConnection): Status {
    if (!connectTracing.hasSubscribers) return setup.start(provider);
    return connectTracing.traceCallback(
      (settled: (error?: Error) => void) => {
        this.#connection!.onsettled = settled;
        return setup.start(provider);
      },
      0,
      { socket: this, ...setup.place },
      undefined,
      ignore,
    );
  }

  #failSoon(error: Error): void {
    process.nextTick(() => {
      this.destroy(error);
    });
  }

  /** The data of the caller's connect. */
  get callerData(): Buffer | undefined {
    const { setup, provider } = this.#connection ?? {};
    return setup?.callerData ?? userData(provider?.connectData.callerData);
  }

  /** The data of the callee's accept. */
  get calleeData(): Buffer | undefined {
    return userData(this.#connection?.provider.connectData.calleeData);
  }

  /** The quality of service, as the callee has left it. */
  get sqos(): Qos | undefined {
    const { setup, provider } = this.#connection ?? {};
    return provider?.connectData.sqos ?? setup?.sqos;
  }

  /** `false` for a plain peer, which has no user data. */
  get framed(): boolean {
    return this.#connection?.provider.framed ?? true;
  }

  /** The underlying stream: a net.Socket, a TLSSocket, … */
  get stream(): Duplex | undefined {
    return this.#open?.provider.stream;
  }

  // -- receiving ------------------------------------------------------------

  override _read(): void {
    if (this.#connection) this.#connection.receiver.want();
    else this.#isReadWanted = true;
  }

  override pause(): this {
    this.#connection?.receiver.pauseOnRead();
    return super.pause();
  }

  override resume(): this {
    super.resume();
    this.#connection?.receiver.resumeOnRead();
    return this;
  }

  override read(size?: number): unknown {
    const connection = this.#connection;
    if (connection) {
      connection.receiver.resumeOnRead();
      // Before 'end', which this read may cause.
      if (connection.isEnding) connection.onReading();
    }
    return super.read(size);
  }

  get bytesRead(): number {
    return this.#connection?.receiver.octets ?? 0;
  }

  // -- sending --------------------------------------------------------------

  override write(
    chunk: unknown,
    callback?: (error: Error | null | undefined) => void,
  ): boolean;
  override write(
    chunk: unknown,
    encoding: BufferEncoding,
    callback?: (error: Error | null | undefined) => void,
  ): boolean;
  override write(
    chunk: unknown,
    encoding?: BufferEncoding | Written,
    callback?: Written,
  ): boolean {
    if (this.writableEnded) {
      const told = typeof encoding === 'function' ? encoding : callback;
      if (isWrittenByTls()) {
        if (told) process.nextTick(told);
        return true;
      }
      if (this.#connection?.lastWord.isBehindEnd) {
        return this.#writeAfterEnd(told);
      }
    }
    if (this.#messages && isOctets(chunk)) {
      return this.#writeMessage(chunk, encoding, callback);
    }
    const connection = this.#connection;
    return connection?.sender.isDelayed
      ? this.#writeDelayed(connection, chunk, encoding, callback)
      : super.write(chunk, encoding as BufferEncoding, callback);
  }

  /** A write that the stream keeps until the tick ends. */
  #writeDelayed(
    connection: Connection,
    chunk: unknown,
    encoding: BufferEncoding | Written | undefined,
    callback: Written | undefined,
  ): boolean {
    // Its owner may change it meanwhile.
    const kept =
      types.isUint8Array(chunk) && chunk.length <= COPIED_AT_SEND
        ? Buffer.from(chunk)
        : chunk;
    const told = typeof encoding === 'function' ? encoding : callback;
    if (!isCallback(told) || this.writableEnded) {
      return super.write(kept, encoding as BufferEncoding, callback);
    }
    const onwritten: Written = (error) => {
      // A destroyed stream reports that it was not.
      told(connection.hasSentRest ? null : error);
    };
    return typeof encoding === 'function'
      ? super.write(kept, onwritten)
      : super.write(kept, encoding!, onwritten);
  }

  /** net's clearer error for a write after the automatic end. */
  #writeAfterEnd(callback: Written | undefined): boolean {
    const error = endedByOtherParty();
    if (callback) process.nextTick(callback, error);
    this.destroy(error);
    return false;
  }

  /** One that is too long is an error of its own, and harms no connection. */
  #writeMessage(
    chunk: string | Uint8Array,
    encoding: BufferEncoding | Written | undefined,
    callback: Written | undefined,
  ): boolean {
    const told = typeof encoding === 'function' ? encoding : callback;
    const octets =
      typeof chunk === 'string'
        ? Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8')
        : asBuffer(chunk);
    const connection = this.#connection;
    if (!connection?.isOpen) {
      // The peer's limits are known only later.
      return super.write(octets, (error) => {
        const refusal = this.#connection?.sender.takeRefusal(octets);
        if (refusal) this.#refuse(refusal, told);
        else told?.(error);
      });
    }
    if (octets.length > connection.provider.messageLimit) {
      const error = connection.sender.tooLong(octets.length);
      process.nextTick(() => {
        this.#refuse(error, told);
      });
      return !this.writableNeedDrain;
    }
    return connection.sender.isDelayed
      ? this.#writeDelayed(connection, octets, undefined, told)
      : super.write(octets, told);
  }

  #refuse(error: Error, told: Written | undefined): void {
    if (told) told(error);
    else this.#emitError(error);
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: Written,
  ): void {
    const sender = this.#sender;
    if (sender) sender.send(chunk, chunk.length, callback);
    else this.#sendLater(chunk, callback);
  }

  override _writev(
    chunks: { chunk: Buffer; encoding: BufferEncoding }[],
    callback: Written,
  ): void {
    const sender = this.#sender;
    if (sender) {
      sender.sendAll(chunks, callback);
    } else {
      const all = Buffer.concat(chunks.map(({ chunk }) => chunk));
      this.#sendLater(all, callback);
    }
  }

  /** Unless there is no connection, or its handle was closed or taken away. */
  get #sender(): Sender | undefined {
    const connection = this.#open;
    const handle = connection?.handle;
    if (!connection || handle === null || handle?.isClosed) return undefined;
    return connection.sender;
  }

  /** Data that no connection takes, or not yet. */
  #sendLater(data: Uint8Array, callback: Written): void {
    if (this.#open?.handle) {
      callback(closedHandle());
    } else if (isWrittenByTls()) {
      // TLS writes its hello at once, to a socket that may connect later.
      this.#early = { data, callback };
    } else {
      callback(socketClosed());
    }
  }

  get bytesWritten(): number {
    return (this.#connection?.sender.confirmed ?? 0) + this.writableLength;
  }

  get bufferSize(): number | undefined {
    return this.#open ? this.writableLength : undefined;
  }

  // -- teardown -------------------------------------------------------------

  override end(callback?: () => void): this;
  override end(chunk: unknown, callback?: () => void): this;
  override end(
    chunk: unknown,
    encoding: BufferEncoding,
    callback?: () => void,
  ): this;
  override end(
    chunk?: unknown,
    encoding?: BufferEncoding | Written,
    callback?: Written,
  ): this {
    const connection = this.#connection;
    const isAnswering = connection?.lastWord.isAnswering === true;
    if (!isAnswering && !this.#messages) {
      return super.end(
        chunk,
        encoding as BufferEncoding,
        callback as () => void,
      );
    }
    const told = [chunk, encoding, callback].find(isCallback);
    if (chunk !== undefined && chunk !== null && !isCallback(chunk)) {
      if (typeof encoding === 'string') this.write(chunk, encoding);
      else this.write(chunk);
    }
    if (isAnswering) connection.lastWord.endLater(told);
    else super.end(told);
    return this;
  }

  override _final(callback: Written): void {
    if (this.#connection) {
      this.#connection.lastWord.final(callback);
    } else {
      this.#isFinal = true;
      callback();
    }
  }

  /**
   * Says our last word after all written data, and waits for the peer's.
   *
   * If nobody reads, later input is dropped, so that the peer's last word is
   * not held up behind it.
   *
   * @returns the peer's last word; `undefined` if it had none.
   */
  disconnect(
    data?: UserData,
    options: DisconnectOptions = {},
  ): Promise<Buffer | undefined> {
    return disconnect(this, this.#connection, data, options);
  }

  /**
   * Tells the peer that our last word will come soon: its socket emits `notice`.
   * Nothing ends. A peer without support for notices ignores it. The notice
   * overtakes data that `write` still holds back.
   *
   * @param data as for {@link disconnect}.
   * @returns whether it was sent: not before the connection is open, after our
   *  last word, or to a plain peer.
   * @throws {WinsockError} EMSGSIZE: more than the peer takes.
   */
  notify(data?: UserData, options: NotifyOptions = {}): boolean {
    return notify(this.#connection, data, options);
  }

  /**
   * Whether the peer has said its last word, and all data before it is read.
   */
  get disconnected(): boolean {
    return this.#connection?.lastWord.heard ?? false;
  }

  /** The peer's last word, once {@link disconnected}. */
  get disconnectData(): Buffer | undefined {
    return this.#connection?.lastWord.theirs;
  }

  /** The number beside it, if the peer has said one. */
  get disconnectCode(): number | undefined {
    return this.#connection?.lastWord.theirCode;
  }

  /**
   * Whether a last word of that length can still be sent, and fits the peer's
   * limit.
   */
  takesLastWord(length: number): boolean {
    return this.#connection?.lastWord.takes(length) ?? false;
  }

  /**
   * Ends the connection so that the peer sees a reset (docs/api.md, Closing).
   *
   * @throws {TypeError} `options` is not an object, or `code` not a number.
   * @throws {RangeError} `code` is not an integer from 0 to 4,294,967,295.
   */
  resetAndDestroy(options?: ResetOptions): this {
    if (options !== undefined) checkObject(options, 'options');
    const code = checkCode(options?.code, 'options.code');
    const connection = this.#open;
    if (connection) connection.abortOnceConnected(code);
    else this.destroy(socketClosed());
    return this;
  }

  /**
   * Seconds that a closed socket may take to send its remaining data
   * (SO_LINGER); 0: it aborts. `undefined`: as long as it makes progress.
   *
   * @throws {TypeError} it is set to something that is not a number.
   * @throws {RangeError} it is not set to an integer from 0 to 65,535.
   */
  get linger(): number | undefined {
    return this.#linger;
  }

  set linger(seconds: number | undefined) {
    this.#linger = checkLinger(seconds, 'socket.linger');
  }

  /**
   * See {@link Answer}; without one, `allowHalfOpen` decides.
   *
   * @throws {TypeError} it is set to something that is not a function.
   */
  get answer(): Answer | undefined {
    return this.#answer;
  }

  set answer(answer: Answer | undefined) {
    this.#answer = checkAnswer(answer, 'socket.answer');
  }

  destroySoon(): void {
    if (this.writableFinished) this.destroy();
    else this.end(() => this.destroy());
  }

  override _destroy(
    error: Error | null,
    callback: (error?: Error | null) => void,
  ): void {
    const connection = this.#open?.socket ? this.#open : undefined;
    const wasConnecting = this.connecting;
    this.connecting = false;
    this.#isFinal = false;
    this.#idle.stop();
    this.#early?.callback(error ?? socketClosed());
    this.#early = undefined;
    if (!connection) {
      if (error) process.nextTick(tellServer, this, error);
      callback(error);
      process.nextTick(emitClose, this, Boolean(error));
      return;
    }
    const { failure, isTold, written } = connection.leave(
      this,
      error,
      writableBuffer(this),
    );
    const hadError = Boolean(failure);
    // Pending calls of disconnect() get the error: it needs no listener.
    const told = isTold && !hearsErrors(this) ? null : failure;
    // In the tick before 'error': no listener can come or go between them.
    if (told) process.nextTick(tellServer, this, told);
    // As in net: callbacks of writes that were sent run before 'error'.
    if (written && connection.hasSentRest) process.nextTick(written);
    callback(told);
    if (written && !connection.hasSentRest) {
      this.#keepUnwritten(
        written,
        wasConnecting
          ? socketClosedBeforeConnection()
          : (failure ?? streamDestroyed('write')),
      );
      if (!wasConnecting) process.nextTick(tellUnwritten, this);
    }
    // As in net: code that awaits 'error' continues before 'close' is emitted.
    setImmediate(tellClose, this, hadError, wasConnecting);
  }

  #keepUnwritten(written: Written, error: Error): void {
    this.#unwritten = () => {
      written(error);
    };
  }

  /** Before a next connection: the stream's callbacks run then. */
  #tellUnwritten(): void {
    const tell = this.#unwritten;
    this.#unwritten = undefined;
    tell?.();
  }

  /** A connection, from its connect on until it is closed. */
  get #open(): Connection | undefined {
    const connection = this.#connection;
    return connection?.isClosed ? undefined : connection;
  }

  /** As {@link emit}; without a listener its server emits the event. */
  #emitError(error: Error): void {
    this.#tellServer(error);
    this.emit('error', error);
  }

  #tellServer(error: Error): void {
    if (hearsErrors(this)) return;
    if (this.#connection?.tellServer(error)) this.once('error', ignore);
  }

  // -- what it is -----------------------------------------------------------

  /** net's older name for {@link connecting}. */
  get _connecting(): boolean {
    return this.connecting;
  }

  /** While there is a connection; see docs/api.md for what it can do. */
  get _handle(): Handle | null {
    const connection = this.#open;
    if (!connection?.socket) return null;
    if (connection.handle === undefined) {
      connection.handle = new Handle(connection.provider);
      connection.handle.owner = connection;
    }
    return connection.handle;
  }

  /** As in `net`, the socket is closed without it; nothing else can be set. */
  set _handle(_none: null) {
    // oxlint-disable-next-line eslint/no-underscore-dangle -- It is net's name.
    this._handle?.close();
    if (this.#open) this.#open.handle = null;
  }

  get pending(): boolean {
    return !this.#open || this.connecting;
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
    return this.destroyed ? undefined : this.#connection?.localName;
  }

  get #remote(): Address | undefined {
    return this.connecting ? undefined : this.#connection?.remoteName;
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

  /** The connection, if it can be set. */
  get #standing(): Connection | undefined {
    return this.connecting ? undefined : this.#open;
  }

  setNoDelay(on = true): this {
    this.#settings.setNoDelay(on, this.#standing);
    return this;
  }

  /**
   * @param initialDelay milliseconds before the first probe, in whole seconds;
   *  0: as the system has it.
   * @param interval milliseconds between two probes, likewise.
   * @param count probes without an answer, until the connection is given up.
   */
  setKeepAlive(
    on?: boolean,
    initialDelay?: number,
    interval?: number,
    count?: number,
  ): this;
  setKeepAlive(options: SetKeepAliveOptions): this;
  setKeepAlive(
    on: boolean | SetKeepAliveOptions = false,
    initialDelay?: number,
    interval?: number,
    count?: number,
  ): this {
    const given =
      typeof on === 'object' && on !== null
        ? on
        : { enable: on, initialDelay, interval, count };
    this.#settings.setKeepAlive(
      given.enable,
      given.initialDelay ?? 0,
      { interval: given.interval, count: given.count },
      this.#standing,
    );
    return this;
  }

  /**
   * Sets the octet of differentiated services (RFC 2474; IP_TOS, IPV6_TCLASS)
   * of everything sent; may be called before there is a connection. The lower
   * two bits are the network's. Without effect on media that have no such
   * octet: a path, TLS over a stream, Windows, and the stream transport before
   * Node 24.21.
   *
   * @param tos 0 to 255.
   */
  setTypeOfService(tos: number): this {
    const value = checkTypeOfService(tos, 'tos');
    this.#settings.setTypeOfService(value, this.#standing);
    return this;
  }

  /**
   * The system's value; where it cannot be read, the value that was set, or 0.
   */
  getTypeOfService(): number {
    return this.#settings.typeOfServiceOf(this.#standing);
  }

  ref(): this {
    this.#settings.unref = false;
    this.#open?.applyRef();
    return this;
  }

  unref(): this {
    this.#settings.unref = true;
    this.#open?.applyRef();
    return this;
  }
}

function ignore(): void {}

/** Data written to a stream that its `_write` has not received yet. */
function writableBuffer(socket: Socket): readonly { chunk: Buffer }[] {
  return (socket as unknown as { writableBuffer: { chunk: Buffer }[] })
    .writableBuffer;
}

function isOctets(chunk: unknown): chunk is string | Uint8Array {
  return typeof chunk === 'string' || types.isUint8Array(chunk);
}

function isCallback(value: unknown): value is Written {
  return typeof value === 'function';
}

function emitClose(socket: Socket, hadError: boolean): void {
  socket.emit('close', hadError);
}

/** Its events and their arguments (see {@link SocketEventMap}). */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- overloads of inherited methods
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
