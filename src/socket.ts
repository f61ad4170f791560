import { Duplex, addAbortSignal } from 'node:stream';
import {
  checkFunction,
  checkInteger,
  checkMilliseconds,
  checkNumber,
  endedByOtherParty,
  invalidArgValue,
  socketClosed,
  socketClosedBeforeConnection,
} from './arguments.js';
import {
  isMessageOriented,
  providerOf,
  socketOptionsOf,
} from './connection-options.js';
import {
  connectChannel,
  debug,
  disconnectChannel,
  rethrowLater,
} from './diagnostics.js';
import { asBuffer, errorOfFailure, WinsockError } from './errors.js';
import { optionsAndCallback } from './net-arguments.js';
import type {
  Address,
  ConnectTarget,
  ProviderSocket,
  SocketOwner,
} from './provider/provider.js';
import { waitForLastWord } from './socket/disconnect.js';
import { IdleTimer } from './socket/idle-timer.js';
import type {
  Answer,
  ConnectOptions,
  DisconnectOptions,
  OnReadOptions,
  SocketConstructorOptions,
} from './socket/options.js';
import { blockedBy, targetOf, triesFamilies } from './socket/target.js';
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
  WSAEMSGSIZE,
  WSAENOPROTOOPT,
  WSAENOTCONN,
  WSAENOTSOCK,
  WSAESHUTDOWN,
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

/** What only the server knows of a socket that it accepted. */
export interface SocketHome {
  /** The socket is destroyed: it counts as a connection no more. */
  ondestroyed(socket: Socket): void;
  /** Nothing of it is left; its last word is out. */
  onreleased(socket: Socket): void;
}

/** Longer than any last word. */
const ANY_LENGTH = 0xffff;

/** Makes the Socket of a connection that a server has accepted. */
export let socketOf: (
  options: SocketConstructorOptions & { pauseOnCreate?: boolean },
  connected: ProviderSocket,
  home: SocketHome & object,
) => Socket;

/**
 * A connection with a first and a last word, shaped like `net.Socket`.
 *
 * What is received waits in the provider until it is wanted, and is handed on
 * as it is.
 */
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
  readonly #messages: boolean;
  #provider: ProviderSocket | undefined;
  /** What {@link #provider} was, once it is closed. */
  #closedProvider: ProviderSocket | undefined;
  #home: SocketHome | undefined;

  #callerData: Buffer | undefined;
  #askedFor: Qos | undefined;
  /** Where a connect goes; what Node tells of it, as it goes on. */
  #place: { address?: string | undefined; port?: number | undefined } = {};
  #localName: Address | undefined;
  #remoteName: Address | undefined;

  /** The stream asks for more. */
  #wanted = false;
  #pumping = false;
  #onread: OnReadOptions | undefined;
  #bytesRead = 0;

  /** A write that waits for the connection, or for FD_WRITE. */
  #held: Uint8Array | Uint8Array[] | undefined;
  /** The stream's callback for the write under way. */
  #written: ((error?: Error | null) => void) | undefined;
  /** Its octets. */
  #writing = 0;
  /** Sends whose octets the system does not have yet. */
  #unconfirmed = 0;
  #confirmed = 0;
  #unsentAtTimeout = 0;

  #lastWord: Uint8Array | undefined;
  #lastWordHeard = false;
  #theirLastWord: Buffer | undefined;
  /** The answer function is at work. */
  #answering = false;
  /** Why our last word was sent without its data. */
  #unsaid: WinsockError | undefined;
  #aborts = false;

  readonly #idle = new IdleTimer(() => this.#onIdle());
  #noDelay: boolean | undefined;
  #keepAlive: { on: boolean; delay: number } | undefined;
  #unref = false;

  constructor(options?: SocketConstructorOptions) {
    const given = checkOptions(options);
    const messages = isMessageOriented(given);
    super({
      ...given,
      allowHalfOpen: Boolean(given.allowHalfOpen),
      readableObjectMode: messages,
      // It may be aborted already: what it destroys has to be whole (below).
      signal: undefined,
      // 'close' comes from here, with net's argument.
      emitClose: false,
      autoDestroy: true,
    });
    this.#options = given;
    this.#messages = messages;
    this.linger = given.linger;
    this.answer = given.answer;
    this.#noDelay = given.noDelay;
    if (given.keepAlive) {
      this.#keepAlive = { on: true, delay: given.keepAliveInitialDelay ?? 0 };
    }
    if (isOnRead(given.onread)) this.#onread = given.onread;
    // Each write is a message of its own.
    if (messages) Object.assign(this, { _writev: undefined });
    // The first listener: what it does is done before anyone else's 'end'.
    this.on('end', () => {
      this.#onEnd();
    });
    if (given.signal) addAbortSignal(given.signal, this);
  }

  static {
    socketOf = (options, connected, home) => {
      const socket = new Socket(options);
      socket.#home = home;
      socket.server = home;
      socket.#adopt(connected);
      socket.#applyOptions();
      if (options.pauseOnCreate) socket.pause();
      else socket.read(0);
      return socket;
    };
  }

  #adopt(provider: ProviderSocket): void {
    this.#provider = provider;
    provider.owner = new Owner(
      this,
      (event, status) => {
        this.#onIndication(event, status);
      },
      this.#home,
    );
  }

  // -- setup ----------------------------------------------------------------

  connect(options: ConnectOptions, listener?: () => void): this;
  connect(port: number | string, listener?: () => void): this;
  connect(port: number | string, host: string, listener?: () => void): this;
  connect(path: string, listener?: () => void): this;
  connect(...args: unknown[]): this {
    const [options, listener] = optionsAndCallback(args);
    const target = targetOf(options);
    const callerData = octetsOf(options['callerData'], 'options.callerData');
    const provider = providerOf({ ...this.#options, ...options });
    const socketOptions = socketOptionsOf({ ...this.#options, ...options });

    if (listener) this.once('connect', listener);
    if (this.#options.signal?.aborted) return this;
    if (this.connecting) {
      this.#failSoon(new WinsockError(WSAEALREADY, { syscall: 'connect' }));
      return this;
    }
    if (this.#provider && !this.destroyed) {
      this.#failSoon(new WinsockError(WSAEISCONN, { syscall: 'connect' }));
      return this;
    }
    this.#renew();
    this.connecting = true;
    this.#idle.touch();
    this.#callerData = userData(callerData);
    this.#askedFor = options['sqos'] as Qos | undefined;
    this.#place = placeOf(target);
    this.autoSelectFamilyAttemptedAddresses = triesFamilies(target)
      ? []
      : undefined;

    const blocked = blockedBy(options['blockList'], target);
    if (blocked) {
      this.#failSoon(blocked);
      return this;
    }
    debug('connect to %o', this.#place);
    this.#adopt(provider.createSocket(socketOptions));
    let status: Status;
    try {
      status = this.#provider!.connect(this.#watched(target), {
        callerData,
        calleeDataLimit: socketOptions.userDataLimit,
        sqos: this.#askedFor,
      });
    } catch (error) {
      // Node has found an argument wrong that it alone checks.
      this.connecting = false;
      this.#provider = undefined;
      throw error;
    }
    if (status !== WSAEWOULDBLOCK) {
      this.#failSoon(new WinsockError(status, { syscall: 'connect' }));
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
    this.#closedProvider = undefined;
    this.#home = undefined;
    this.#aborts = false;
    this.#localName = undefined;
    this.#remoteName = undefined;
    this.#wanted = false;
    this.#bytesRead = 0;
    this.#confirmed = 0;
    this.#lastWord = undefined;
    this.#lastWordHeard = false;
    this.#theirLastWord = undefined;
    this.#unsaid = undefined;
  }

  #watched(target: ConnectTarget): ConnectTarget {
    if ('stream' in target) return target;
    return {
      ...target,
      onprogress: (event, ...about) => {
        this.#onProgress(event, about);
      },
    };
  }

  #failSoon(error: Error): void {
    process.nextTick(() => {
      this.destroy(error);
    });
  }

  #onProgress(event: string, about: unknown[]): void {
    if (!this.connecting) return;
    if (event === 'connectionAttempt') {
      const [address, port] = about as [string, number];
      this.#place = { address, port };
      this.autoSelectFamilyAttemptedAddresses?.push(`${address}:${port}`);
    }
    this.emit(event, ...about);
  }

  #onConnected(status: Status): void {
    const provider = this.#provider!;
    if (status !== 0) {
      const error = errorOfFailure(
        provider.failure ?? { status },
        'connect',
        this.#place,
      );
      debug('connect failed: %s', error.message);
      connectChannel.publish({ socket: this, error });
      this.destroy(error);
      return;
    }
    this.connecting = false;
    this.#applyOptions();
    this.#idle.touch();
    if (connectChannel.hasSubscribers) {
      connectChannel.publish({ socket: this, error: undefined });
    }
    this.#sendHeld();
    this.emit('connect');
    this.emit('ready');
    if (this.readable && !this.isPaused()) this.read(0);
  }

  #applyOptions(): void {
    const provider = this.#provider!;
    if (this.#noDelay !== undefined) provider.setNoDelay(this.#noDelay);
    if (this.#keepAlive) {
      provider.setKeepAlive(this.#keepAlive.on, this.#keepAlive.delay);
    }
    if (this.#unref) provider.unref();
  }

  get #known(): ProviderSocket | undefined {
    return this.#provider ?? this.#closedProvider;
  }

  /** What the connection was asked for with. */
  get callerData(): Buffer | undefined {
    return this.#callerData ?? userData(this.#known?.callerData);
  }

  /** What the callee said when it accepted. */
  get calleeData(): Buffer | undefined {
    return userData(this.#known?.calleeData);
  }

  /** The quality of service, as the callee has left it. */
  get sqos(): Qos | undefined {
    return this.#known?.sqos ?? this.#askedFor;
  }

  /** `false` for a plain peer: there is no user data then. */
  get framed(): boolean {
    return this.#known?.framed ?? true;
  }

  /** What carries the connection: a net.Socket, a TLSSocket, … */
  get stream(): Duplex | undefined {
    return this.#provider?.stream;
  }

  // -- indications ----------------------------------------------------------

  #onIndication(event: number, status: Status): void {
    // What listeners throw must not reach the provider.
    try {
      switch (event) {
        case FD_READ:
          this.#pump();
          return;
        case FD_WRITE:
          this.#sendHeld();
          return;
        case FD_CLOSE:
          this.#onClosed(status);
          return;
        case FD_CONNECT:
          this.#onConnected(status);
          return;
      }
    } catch (error) {
      rethrowLater(error);
    }
  }

  // -- receiving ------------------------------------------------------------

  override _read(): void {
    this.#wanted = true;
    this.#pump();
  }

  #pump(): void {
    if (this.#pumping || this.connecting) return;
    const provider = this.#provider;
    if (!provider) return;
    this.#pumping = true;
    try {
      while (this.#wanted && !this.destroyed) {
        const piece = provider.receive(this.#roomInBuffer());
        // Otherwise FD_READ or FD_CLOSE goes on.
        if (typeof piece === 'number') break;
        this.#bytesRead += piece.length;
        this.#idle.touch();
        if (this.#onread) this.#fillBuffer(this.#onread, piece);
        else this.#wanted = this.push(this.#messages ? asBuffer(piece) : piece);
      }
    } finally {
      this.#pumping = false;
    }
  }

  #buffer: Uint8Array | undefined;

  /** With `onread`: no more is taken than the user's buffer holds. */
  #roomInBuffer(): number | undefined {
    if (!this.#onread) return undefined;
    const { buffer } = this.#onread;
    this.#buffer = typeof buffer === 'function' ? buffer() : buffer;
    return this.#buffer.length;
  }

  #fillBuffer(onread: OnReadOptions, piece: Uint8Array): void {
    const buffer = this.#buffer!;
    buffer.set(piece);
    const goOn = onread.callback.call(this, piece.length, buffer);
    if (goOn === false) this.#wanted = false;
  }

  override pause(): this {
    if (this.#onread) this.#wanted = false;
    return super.pause();
  }

  override resume(): this {
    super.resume();
    this.#resumeOnRead();
    return this;
  }

  override read(size?: number): unknown {
    this.#resumeOnRead();
    return super.read(size);
  }

  #resumeOnRead(): void {
    if (!this.#onread || this.#wanted) return;
    this.#wanted = true;
    process.nextTick(() => {
      this.#onIndication(FD_READ, 0);
    });
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  // -- sending --------------------------------------------------------------

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    this.#send(chunk, chunk.length, callback);
  }

  override _writev(
    chunks: { chunk: Buffer; encoding: BufferEncoding }[],
    callback: (error?: Error | null) => void,
  ): void {
    let length = 0;
    const pieces = chunks.map(({ chunk }) => {
      length += chunk.length;
      return chunk;
    });
    this.#send(pieces, length, callback);
  }

  #send(
    data: Uint8Array | Uint8Array[],
    length: number,
    callback: (error?: Error | null) => void,
  ): void {
    const provider = this.#provider;
    if (!provider && !this.connecting) {
      callback(socketClosed());
      return;
    }
    this.#written = callback;
    this.#writing = length;
    if (this.connecting) {
      this.#held = data;
      return;
    }
    this.#hand(provider!, data);
  }

  #hand(provider: ProviderSocket, data: Uint8Array | Uint8Array[]): void {
    this.#idle.touch();
    if (this.#writing === 0 && !this.#messages) {
      this.#finishWrite();
      return;
    }
    this.#unconfirmed++;
    const status = provider.send(data, this.#onSent);
    if (status === 0) {
      // The system may have taken it at once.
      if (provider.unsent === 0) this.#finishWrite();
      return;
    }
    this.#unconfirmed--;
    if (status === WSAEWOULDBLOCK) {
      this.#held = data;
    } else {
      this.#finishWrite(
        errorOfFailure({ ...provider.failure, status }, 'write'),
      );
    }
  }

  readonly #onSent = () => {
    if (--this.#unconfirmed === 0 && !this.#held) this.#finishWrite();
  };

  #finishWrite(error?: Error): void {
    const written = this.#written;
    if (!written) return;
    this.#written = undefined;
    this.#idle.touch();
    if (!error) this.#confirmed += this.#writing;
    written(error);
  }

  #sendHeld(): void {
    const held = this.#held;
    if (!held || !this.#provider) return;
    this.#held = undefined;
    this.#hand(this.#provider, held);
  }

  get bytesWritten(): number {
    return this.#confirmed + this.writableLength;
  }

  get bufferSize(): number | undefined {
    return this.#provider ? this.writableLength : undefined;
  }

  // -- teardown -------------------------------------------------------------

  override _final(callback: (error?: Error | null) => void): void {
    const provider = this.#provider;
    if (this.connecting || (!provider && !this.destroyed)) {
      this.once('connect', () => {
        this.#finish(callback);
      });
      return;
    }
    this.#finish(callback);
  }

  #finish(callback: (error?: Error | null) => void): void {
    const provider = this.#provider;
    const data = this.#lastWord;
    // Where that fails the connection has failed, and FD_CLOSE tells.
    const status = provider?.sendDisconnect(data, () => {
      callback(this.#unsaid);
    });
    if (status !== 0) {
      callback(this.#unsaid);
      return;
    }
    debug('last word sent: %d octets', data?.length ?? 0);
    if (disconnectChannel.hasSubscribers) {
      disconnectChannel.publish({
        socket: this,
        direction: 'sent',
        data: userData(data),
      });
    }
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
      const octets = octetsOf(data, 'data');
      const say = () => {
        const status = this.#sayLastWord(octets);
        if (status !== 0) fail(this.#whyUnsaid(status, octets));
      };
      if (this.connecting) this.once('connect', say);
      else say();
    });
  }

  #sayLastWord(octets: Uint8Array | undefined): Status {
    const provider = this.#provider;
    if (this.writableEnded || this.#answering) {
      return octets ? WSAESHUTDOWN : 0;
    }
    if (this.destroyed) return WSAENOTSOCK;
    if (!provider) return WSAENOTCONN;
    if (octets) {
      if (!provider.framed) return WSAENOPROTOOPT;
      if (octets.length > provider.disconnectDataLimit) return WSAEMSGSIZE;
    }
    this.#lastWord = octets;
    this.end();
    return 0;
  }

  #whyUnsaid(status: Status, octets: Uint8Array | undefined): WinsockError {
    return new WinsockError(status, {
      syscall: 'disconnect',
      detail:
        status === WSAEMSGSIZE
          ? `the last word has ${octets?.length} octets, the peer takes ${this.#provider?.disconnectDataLimit}`
          : undefined,
    });
  }

  /** Whether the peer has said its last word, and all before it is read. */
  get disconnected(): boolean {
    return this.#lastWordHeard;
  }

  /** The peer's last word, once {@link disconnected}. */
  get disconnectData(): Buffer | undefined {
    return this.#theirLastWord;
  }

  /** Whether a last word of that length can still be said, and is taken. */
  takesLastWord(length: number): boolean {
    const provider = this.#provider;
    return (
      provider !== undefined &&
      !this.writableEnded &&
      !this.#answering &&
      length <= provider.disconnectDataLimit
    );
  }

  #onClosed(status: Status): void {
    const provider = this.#provider!;
    if (status !== 0) {
      this.destroy(errorOfFailure(provider.failure ?? { status }, 'read', {}));
      return;
    }
    const data = provider.receiveDisconnect(ANY_LENGTH);
    if (typeof data === 'object') this.#theirLastWord = userData(data);
    this.#idle.touch();
    this.push(null);
    // As net does: 'end' needs no reader if there is nothing to read.
    if (this.readableLength === 0) this.read(0);
  }

  /** All data has been read. */
  #onEnd(): void {
    const data = this.#theirLastWord;
    this.#lastWordHeard = true;
    debug('last word heard: %d octets', data?.length ?? 0);
    if (disconnectChannel.hasSubscribers) {
      disconnectChannel.publish({ socket: this, direction: 'received', data });
    }
    this.emit('disconnect', data);
    if (this.answer && !this.writableEnded && !this.destroyed) {
      this.#answer(this.answer);
    } else if (!this.allowHalfOpen) {
      this.write = (...args: unknown[]) => this.#writeAfterEnd(args);
    }
  }

  /** net's clearer word on a write behind the automatic end. */
  #writeAfterEnd(args: unknown[]): boolean {
    if (!this.writableEnded) {
      return super.write(...(args as Parameters<Duplex['write']>));
    }
    const error = endedByOtherParty();
    const done = args.find((arg) => typeof arg === 'function');
    if (done) process.nextTick(done, error);
    this.destroy(error);
    return false;
  }

  /** Holds the automatic end until the answer is there. */
  #answer(answer: Answer): void {
    const { allowHalfOpen } = this;
    this.#answering = true;
    this.allowHalfOpen = true;
    void this.#awaitAnswer(answer, allowHalfOpen);
  }

  async #awaitAnswer(answer: Answer, allowHalfOpen: boolean): Promise<void> {
    try {
      const reply = await answer.call(this, this.#theirLastWord);
      const octets = octetsOf(reply, 'answer');
      this.#answering = false;
      this.allowHalfOpen = allowHalfOpen;
      this.#sendAnswer(octets);
    } catch (error) {
      this.#answering = false;
      this.#abort(error);
    }
  }

  #sendAnswer(octets: Uint8Array | undefined): void {
    const provider = this.#provider;
    if (!provider) return;
    // A plain peer takes no user data; what the answer is for was done.
    let word = provider.framed ? octets : undefined;
    if (word && word.length > provider.disconnectDataLimit) {
      // Ours to hear of, and no harm to the connection (contract row 2).
      this.#unsaid = this.#whyUnsaid(WSAEMSGSIZE, word);
      word = undefined;
    }
    if (!this.destroyed) {
      const status = this.#sayLastWord(word);
      if (status !== 0) this.#abort(this.#whyUnsaid(status, word));
      return;
    }
    // Closed meanwhile, without an error: the answer still goes out.
    provider.sendDisconnect(word);
    this.#close(this.linger);
    // Too late for destroy() to tell. As everywhere behind a destroy(), an
    // error that nobody listens for is none.
    if (this.#unsaid && this.listenerCount('error') > 0) {
      process.nextTick(emitError, this, this.#unsaid);
    }
  }

  #close(linger: number | undefined): void {
    const provider = this.#provider;
    if (!provider) return;
    this.#provider = undefined;
    this.#closedProvider = provider;
    provider.close(linger);
  }

  #abort(error: unknown): void {
    this.#aborts = true;
    if (this.destroyed) {
      this.#close(0);
    } else {
      this.destroy(error as Error);
    }
  }

  /** Ends the connection so that the peer sees a reset. */
  resetAndDestroy(): this {
    if (!this.#provider) {
      this.destroy(socketClosed());
    } else if (this.connecting) {
      this.once('connect', () => {
        this.#reset();
      });
    } else {
      this.#reset();
    }
    return this;
  }

  #reset(): void {
    this.#aborts = true;
    if (this.destroyed) this.#close(0);
    else this.destroy();
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  override _destroy(
    reason: Error | null,
    callback: (error?: Error | null) => void,
  ): void {
    const error = isEndOfLoop(reason) ? (this.#unsaid ?? reason) : reason;
    const wasConnecting = this.connecting;
    const hadConnection = this.#provider !== undefined;
    this.connecting = false;
    this.#idle.stop();
    const written = this.#written;
    const wasHeld = this.#held !== undefined;
    this.#held = undefined;
    this.#written = undefined;
    if (this.#aborts) {
      this.#close(0);
    } else if (!this.#answering || !isEndOfLoop(reason)) {
      this.#close(this.linger);
    }
    this.#home?.ondestroyed(this);
    callback(error);
    if (wasConnecting && wasHeld && written) {
      this.once('close', () => {
        written(socketClosedBeforeConnection());
      });
    }
    // As net: who waits for 'error' goes on before 'close' is told.
    if (hadConnection) setImmediate(emitClose, this, Boolean(error));
    else process.nextTick(emitClose, this, Boolean(error));
  }

  // -- what it is -----------------------------------------------------------

  get pending(): boolean {
    return !this.#provider || this.connecting;
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
    if (this.destroyed) return undefined;
    this.#localName ??= withPort(this.#provider?.localAddress);
    return this.#localName;
  }

  get #remote(): Address | undefined {
    if (!this.connecting) {
      this.#remoteName ??= withPort(this.#provider?.remoteAddress);
    }
    return this.#remoteName;
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

  #onIdle(): void {
    // A write that makes progress is activity.
    const unsent = this.#provider?.unsent ?? 0;
    if (unsent > 0 && unsent !== this.#unsentAtTimeout) {
      this.#unsentAtTimeout = unsent;
      this.#idle.start(this.timeout ?? 0);
      return;
    }
    this.emit('timeout');
  }

  setNoDelay(on = true): this {
    this.#noDelay = on;
    if (!this.pending) this.#provider!.setNoDelay(on);
    return this;
  }

  setKeepAlive(on = false, initialDelay = 0): this {
    this.#keepAlive = { on, delay: initialDelay };
    if (!this.pending) this.#provider!.setKeepAlive(on, initialDelay);
    return this;
  }

  ref(): this {
    this.#unref = false;
    this.#provider?.ref();
    return this;
  }

  unref(): this {
    this.#unref = true;
    this.#provider?.unref();
    return this;
  }
}

/** The indications of one connection; what is left of it after `close`. */
class Owner implements SocketOwner {
  readonly #socket: Socket;
  readonly #home: SocketHome | undefined;
  readonly onindication: SocketOwner['onindication'];

  constructor(
    socket: Socket,
    onindication: SocketOwner['onindication'],
    home: SocketHome | undefined,
  ) {
    this.#socket = socket;
    this.#home = home;
    this.onindication = onindication;
  }

  onreleased(): void {
    this.#home?.onreleased(this.#socket);
  }
}

/** A stream's own way to begin anew, as net uses it. */
function undestroy(socket: Socket): void {
  const { _undestroy: reset } = socket as unknown as {
    _undestroy: () => void;
  };
  Reflect.apply(reset, socket, []);
}

function emitError(socket: Socket, error: Error): void {
  socket.emit('error', error);
}

function emitClose(socket: Socket, hadError: boolean): void {
  socket.emit('close', hadError);
}

/**
 * `for await` destroys what it has read to the end, if the other direction is
 * still open: with an AbortError that has no cause.
 */
function isEndOfLoop(error: Error | null): boolean {
  return !error || (error.name === 'AbortError' && error.cause === undefined);
}

function placeOf(target: object): { address?: string; port?: number } {
  if ('path' in target) return { address: target.path as string };
  if ('port' in target && 'host' in target) {
    return { address: target.host as string, port: target.port as number };
  }
  return {};
}

/** A path's ends have no address, as net sees it. */
function withPort(address: Address | undefined): Address | undefined {
  return address?.family === 'unix' ? undefined : address;
}

function isOnRead(onread: unknown): onread is OnReadOptions {
  if (onread === null || typeof onread !== 'object') return false;
  const { buffer, callback } = onread as Partial<OnReadOptions>;
  return (
    (buffer instanceof Uint8Array || typeof buffer === 'function') &&
    typeof callback === 'function'
  );
}

function checkOptions(
  options: SocketConstructorOptions = {},
): SocketConstructorOptions {
  if (typeof options !== 'object') {
    throw invalidArgValue(
      'options',
      options,
      'must be an object; a descriptor is taken by connect({ stream })',
    );
  }
  const unsupported = options as Record<string, unknown>;
  for (const name of ['fd', 'handle']) {
    if (unsupported[name] !== undefined && unsupported[name] !== null) {
      throw invalidArgValue(
        `options.${name}`,
        unsupported[name],
        'is not supported; give connect({ stream }) a net.Socket made of it',
      );
    }
  }
  for (const name of [
    'objectMode',
    'readableObjectMode',
    'writableObjectMode',
  ]) {
    if (unsupported[name]) {
      throw invalidArgValue(
        `options.${name}`,
        unsupported[name],
        'is not supported',
      );
    }
  }
  const given = { ...options };
  if (given.keepAliveInitialDelay !== undefined) {
    checkNumber(given.keepAliveInitialDelay, 'options.keepAliveInitialDelay');
    given.keepAliveInitialDelay = Math.max(0, given.keepAliveInitialDelay);
  }
  if (given.linger !== undefined) {
    checkInteger(given.linger, 'options.linger', 0, 0xffff);
  }
  if (given.answer !== undefined) checkFunction(given.answer, 'options.answer');
  return given;
}
