// Longer than other files: indications, a failure behind unread data and the end of
// a connection depend on each other.

import { socketClosedBeforeConnection } from '../arguments.js';
import {
  connectChannel,
  debug,
  disconnectChannel,
  resetChannel,
  rethrowLater,
  wordLostChannel,
} from '../diagnostics.js';
import { errorOfFailure } from '../errors.js';
import type {
  Address,
  ConnectionOwner,
  Failure,
  ProviderConnection,
} from '../provider/provider.js';
import type { Socket } from '../socket.js';
import { copyOfUserData, userData } from '../user-data.js';
import { WSAEDISCON, type Status } from '../vocabulary/error-codes.js';
import type { Handle, HandleOwner } from './handle.js';
import type { Ending, Lingering, SocketHome } from './home.js';
import type { IdleTimer } from './idle-timer.js';
import { LastWord } from './last-word.js';
import { hearExit } from './one-tick.js';
import type { OnReadOptions } from './options.js';
import { Receiver } from './receiver.js';
import { Sender } from './sender.js';
import type { Settings } from './settings.js';
import type { Setup } from './setup.js';
import type { Written } from './written.js';

/** Milliseconds that a failed write waits for a reader. */
const READING_TIME = 1000;

/** Shared by all connections of a Socket. */
export interface ConnectionTraits {
  readonly idle: IdleTimer;
  readonly settings: Settings;
  readonly messages: boolean;
  readonly onread: OnReadOptions | undefined;
}

/** State that outlives a destroyed socket. */
export interface Leaving {
  /** The error that it is destroyed with. */
  readonly failure: Error | null;
  /** The error needs no listener: pending calls of disconnect() get it, for example. */
  readonly isTold: boolean;
  /** Callback of a write under way. */
  readonly written: Written | undefined;
}

/** A destroyed socket's writes that had not reached the provider. */
interface Rest {
  /** No octet is lost. */
  readonly isWhole: boolean;
  /** The system has all of them. */
  readonly isWritten: boolean;
}

/** A sender that nothing was written to. */
const unused = { isDelayed: false, isBroken: false, isHolding: false };

const nothingLost: Rest = { isWhole: true, isWritten: false };
const lost: Rest = { isWhole: false, isWritten: false };

/** A requested abort, and the number that goes with it. */
interface Abort {
  readonly code: number | undefined;
}

const anyAbort: Abort = { code: undefined };

/**
 * One connection of a Socket, from its connect or accept until it is gone. Each
 * has its own object, which keeps its socket until that is destroyed: late
 * events cannot reach the socket's next connection.
 */
export class Connection implements ConnectionOwner, HandleOwner, Lingering {
  readonly provider: ProviderConnection;
  /** The setup of a caller's connect. */
  readonly setup: Setup | undefined;
  readonly receiver: Receiver;
  /** The Socket's, once somebody has asked for it; `null`: it was removed. */
  handle: Handle | null | undefined;

  readonly #idle: IdleTimer;
  readonly #settings: Settings;
  readonly #messages: boolean;
  // Made on first use: many connections are idle.
  #sender: Sender | undefined;
  #lastWord: LastWord | undefined;
  readonly #home: SocketHome | undefined;
  #socket: Socket | undefined;
  #isOpen: boolean;
  #isClosed = false;
  /** It does not keep the process alive, see {@link rest}. */
  #isResting = false;
  #abort: Abort | undefined;
  /** The writes that waited for the end of a tick were sent at destroy(). */
  hasSentRest = false;
  /** Ends the trace of a connect; absent once its outcome is known. */
  onsettled: ((error?: Error) => void) | undefined;
  /** The peer or the network has broken it. */
  #isBroken = false;
  /** The callee has refused it without a word. */
  #isDropped = false;

  #localName: Address | undefined;
  #remoteName: Address | undefined;

  /** Its failure, to be reported after the unread data. */
  #failure: Error | undefined;
  #patience: NodeJS.Timeout | undefined;
  /** The end may be due after any read of the stream. */
  isEnding = false;
  /** The end is checked for in this tick already. */
  #isCheckDue = false;

  /** @param wanted the stream has asked for data already. */
  constructor(
    socket: Socket,
    provider: ProviderConnection,
    traits: ConnectionTraits,
    from: { setup: Setup } | { home: SocketHome | undefined },
    wanted: boolean,
  ) {
    const { idle, settings, messages, onread } = traits;
    this.#socket = socket;
    this.provider = provider;
    this.setup = 'setup' in from ? from.setup : undefined;
    this.#home = 'home' in from ? from.home : undefined;
    this.#isOpen = this.setup === undefined;
    this.#idle = idle;
    this.#settings = settings;
    idle.connection = this;
    this.receiver = new Receiver(this, idle, messages, onread, wanted);
    this.#messages = messages;
    provider.owner = this;
    hearExit();
  }

  get sender(): Sender {
    return (this.#sender ??= new Sender(this, this.#idle, this.#messages));
  }

  get lastWord(): LastWord {
    return (this.#lastWord ??= new LastWord(this, this.#idle));
  }

  /** Nobody listens for it. @returns whether a server gets it. */
  tellServer(error: Error): boolean {
    return this.#home?.onerror(error) ?? false;
  }

  /**
   * As in net: a connection that nobody reads or writes does not keep the
   * process alive. One that has to say a last word does, until both last words
   * are through.
   */
  rest(): void {
    if (
      this.#isResting ||
      !this.#isOpen ||
      this.#isClosed ||
      this.receiver.isWanted ||
      this.#sender?.isWriting ||
      this.#lastWord?.isUnderWay
    ) {
      return;
    }
    this.#isResting = true;
    this.applyRef();
  }

  wake(): void {
    if (!this.#isResting) return;
    this.#isResting = false;
    this.applyRef();
  }

  applyRef(): void {
    if (this.#isResting || this.#settings.unref) this.provider.unref();
    else this.provider.ref();
  }

  /** Until it is destroyed. */
  get socket(): Socket | undefined {
    return this.#socket;
  }

  /** The connection is open: the callee has accepted. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The provider accepts nothing more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  // -- indications ----------------------------------------------------------

  // Exceptions of listeners must not reach the provider.

  onConnected(): void {
    if (!this.#socket) return;
    try {
      this.#open(this.#socket);
    } catch (error) {
      rethrowLater(error);
    }
  }

  onConnectFailed(failure: Failure): void {
    const socket = this.#socket;
    if (!socket) return;
    try {
      const error = errorOfFailure(failure, 'connect', this.setup?.place);
      debug('connect failed: %s', error.message);
      connectChannel.publish({ socket, error });
      this.#isDropped = isDrop(failure);
      socket.destroy(error);
    } catch (error) {
      rethrowLater(error);
    }
  }

  onReadable(): void {
    if (!this.#socket) return;
    try {
      this.receiver.pump();
    } catch (error) {
      rethrowLater(error);
    }
  }

  onWritable(): void {
    if (!this.#socket) return;
    try {
      this.#sender?.sendHeld();
    } catch (error) {
      rethrowLater(error);
    }
  }

  onClosed(status: Status): void {
    if (!this.#socket) return;
    try {
      if (status === 0) this.lastWord.onClosed();
      else this.#failReading(status);
    } catch (error) {
      rethrowLater(error);
    }
  }

  onNotice(data: Uint8Array | undefined, code: number | undefined): void {
    const socket = this.#socket;
    if (!socket) return;
    debug('notice heard: %d octets', data?.length ?? 0);
    const told = userData(data);
    try {
      if (code === undefined) socket.emit('notice', told);
      else socket.emit('notice', told, code);
    } catch (error) {
      rethrowLater(error);
    }
  }

  onReleased(): void {
    this.#home?.onreleased();
  }

  #open(socket: Socket): void {
    this.#isOpen = true;
    this.#settle();
    socket.connecting = false;
    this.#idle.touch();
    if (connectChannel.hasSubscribers) {
      connectChannel.publish({ socket, error: undefined });
    }
    this.#settings.applyTo(this);
    try {
      socket.emit('connect');
    } finally {
      this.#afterConnect(socket);
    }
  }

  #settle(error?: Error): void {
    const { onsettled } = this;
    this.onsettled = undefined;
    onsettled?.(error);
  }

  /** Calls that came too early are made now, even if a listener throws. */
  #afterConnect(socket: Socket): void {
    // As in net: the write's callback runs between the two events.
    this.#sender?.sendHeld();
    try {
      socket.emit('ready');
    } finally {
      this.#makeEarlyCalls();
    }
  }

  #makeEarlyCalls(): void {
    const socket = this.#socket;
    if (!socket) return;
    if (this.#abort) {
      this.abort();
      return;
    }
    // After 'connect': callbacks of earlier writes may run at once.
    this.#sender?.sendHeld();
    this.#lastWord?.onConnected();
    if (socket.readable && !socket.isPaused()) socket.read(0);
    else this.rest();
  }

  // -- a failure ------------------------------------------------------------

  #failReading(status: Status): void {
    const failure = this.provider.failure ?? { status };
    this.#fail(errorOfFailure(failure, 'read', {}));
  }

  /** A write, or our last word, cannot be sent. */
  failWriting(error: Error): void {
    this.#fail(error);
    // A caller that waits for the write may not read before that.
    if (this.#failure) this.#startPatience();
  }

  /**
   * Reports it after received data that is being read: a destroyed stream would
   * drop that. It does not wait for an application that has not begun to read.
   */
  #fail(error: Error): void {
    const socket = this.#socket;
    if (!socket || this.#failure) return;
    this.#isBroken = true;
    if (!this.#isBehind(socket)) {
      socket.destroy(error);
      return;
    }
    this.#failure = error;
    this.isEnding = true;
  }

  /** Data came before the failure, and a reader is to take it. */
  #isBehind(socket: Socket): boolean {
    if (this.#lastWord?.heard) return false;
    if (socket.readableLength > 0 || this.provider.inbox.readable) {
      return socket.readableFlowing !== null;
    }
    const end = this.provider.inbox.peek(1);
    return end === 0 || end === WSAEDISCON;
  }

  #startPatience(): void {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(tellFailure, READING_TIME, this);
  }

  /** The stream is about to be read. */
  onReading(): void {
    if (this.#isCheckDue) return;
    this.#isCheckDue = true;
    process.nextTick(checkEnd, this);
  }

  /** It was read. */
  checkEnd(): void {
    this.#isCheckDue = false;
    const socket = this.#socket;
    if (!socket) return;
    this.#lastWord?.checkEnd(socket);
    if (!this.#failure) return;
    if (!this.#isBehind(socket)) {
      this.tellFailure();
    } else if (this.#patience) {
      this.#startPatience();
    }
  }

  tellFailure(): void {
    clearTimeout(this.#patience);
    this.#socket?.destroy(this.#failure);
  }

  // -- the end --------------------------------------------------------------

  /**
   * Another Socket takes it. The server counts what it has accepted: this
   * connection has ended for it.
   */
  handOver(): void {
    clearTimeout(this.#patience);
    this.#socket = undefined;
    this.#isClosed = true;
    if (this.#idle.connection === this) this.#idle.connection = undefined;
    this.#home?.ondestroyed(this, 'closed', null);
    this.#home?.onreleased();
  }

  /** Ends it so that the peer sees a reset; a request is withdrawn. */
  abort(error?: Error, code?: number): void {
    this.#abort ??= code === undefined ? anyAbort : { code };
    if (this.#socket) this.#socket.destroy(error);
    else this.close(0);
  }

  /** The same, but as in net: it waits for a connect under way. */
  abortOnceConnected(code: number | undefined): void {
    if (this.#isOpen || !this.#socket) this.abort(undefined, code);
    else this.#abort ??= { code };
  }

  /** @param linger SO_LINGER; 0: abort. */
  close(linger: number | undefined): void {
    if (this.#isClosed) return;
    this.wake();
    this.#isClosed = true;
    this.provider.close(linger, linger === 0 ? this.#abort?.code : undefined);
  }

  /** Stops waiting for an answer under way, or for a linger. */
  cut(socket: Socket): void {
    this.#isClosed = true;
    this.provider.close(0);
    this.#tellReset(socket, 'sent', undefined);
  }

  /**
   * The socket is being destroyed. Written data and our last word are sent, in
   * this order, or the peer sees a reset: a last word never follows dropped
   * data.
   *
   * @param behind the stream's writes that have not reached this connection.
   */
  leave(
    socket: Socket,
    reason: Error | null,
    behind: readonly { chunk: Buffer }[],
  ): Leaving {
    clearTimeout(this.#patience);
    this.#socket = undefined;
    this.setup?.stop();
    if (this.#idle.connection === this) this.#idle.connection = undefined;
    const isNoFailure = isEndOfLoop(reason);
    const { isAnswering } = this.lastWord;
    const { isWhole, isWritten } = this.#sendRest(isNoFailure, behind);
    this.hasSentRest = isWritten;
    // A failed answer must not become an empty one.
    const isAbort =
      !isWhole || (isAnswering && (!isNoFailure || socket.linger === 0));
    if (isAbort) {
      this.close(0);
    } else if (!isAnswering) {
      this.lastWord.sendLate(socket);
      this.close(socket.linger);
    }
    const written = this.#sender?.forget();
    // A withdrawn request was not a connection.
    if (this.#isOpen) {
      const ending = this.#endingOf(socket, isAbort || socket.linger === 0);
      this.#home?.ondestroyed(this, ending, reason);
      if (ending === 'failed') this.#tellReset(socket, 'received', reason);
      if (ending === 'aborted') this.#tellReset(socket, 'sent', reason);
    } else if (this.onsettled) {
      this.#settle(reason ?? socketClosedBeforeConnection());
    }
    const failure = isNoFailure ? (this.lastWord.unsaid ?? reason) : reason;
    const isTold = this.lastWord.leave(
      socket,
      isNoFailure ? null : reason,
      failure,
    );
    return { failure, isTold: isTold || this.#isDropped, written };
  }

  /**
   * Writes that only waited for the end of the tick are sent in any case:
   * otherwise they would have been sent before.
   */
  #sendRest(isNoFailure: boolean, behind: readonly { chunk: Buffer }[]): Rest {
    // A withdrawn request was not a connection.
    if (!this.#isOpen) return nothingLost;
    const { isDelayed, isBroken, isHolding } = this.#sender ?? unused;
    if (isBroken || (this.#abort && !isDelayed)) return lost;
    if (behind.length === 0 && !isHolding) return nothingLost;
    if (!isNoFailure && !isDelayed) return lost;
    const isSent = this.sender.sendRest(behind) === 0;
    const isWritten = isDelayed && isSent && this.provider.unsent === 0;
    const isWhole = isSent && !this.#abort && (isNoFailure || isWritten);
    return { isWhole, isWritten };
  }

  #endingOf(socket: Socket, isAbort: boolean): Ending {
    if (this.lastWord.heard && socket.writableFinished) return 'ended';
    if (this.#isBroken) return 'failed';
    return isAbort ? 'aborted' : 'closed';
  }

  // -- what operators see ---------------------------------------------------

  tellWord(
    socket: Socket | undefined,
    direction: 'sent' | 'received',
    data: Uint8Array | undefined,
  ): void {
    this.#home?.onword(direction);
    if (socket && disconnectChannel.hasSubscribers) {
      const told = direction === 'sent' ? copyOfUserData(data) : userData(data);
      disconnectChannel.publish({ socket, direction, data: told });
    }
  }

  tellWordLost(
    socket: Socket | undefined,
    data: Uint8Array,
    error: Error | undefined,
  ): void {
    this.#home?.onwordlost();
    if (socket && wordLostChannel.hasSubscribers) {
      const told = copyOfUserData(data);
      wordLostChannel.publish({ socket, data: told, error });
    }
  }

  #tellReset(
    socket: Socket,
    direction: 'sent' | 'received',
    reason: Error | null | undefined,
  ): void {
    const error = reason ?? undefined;
    if (resetChannel.hasSubscribers) {
      resetChannel.publish({ socket, direction, error });
    }
    const { ours } = this.lastWord;
    if (ours?.length) this.tellWordLost(socket, ours, error);
  }

  // -- names ----------------------------------------------------------------

  get localName(): Address | undefined {
    this.#localName ??= this.#name(this.provider.localAddress);
    return this.#localName;
  }

  get remoteName(): Address | undefined {
    this.#remoteName ??= this.#name(this.provider.remoteAddress);
    return this.#remoteName;
  }

  /** As in net, the ends of a path have no address. */
  #name(address: Address | undefined): Address | undefined {
    return address?.family === 'unix' ? undefined : address;
  }
}

/**
 * `for await` destroys what it has read to the end, if the other direction is
 * still open: with an AbortError that has no cause.
 */
function isEndOfLoop(error: Error | null): boolean {
  return !error || (error.name === 'AbortError' && error.cause === undefined);
}

/**
 * The callee had no place, or wants nobody from here: in net its caller sees a
 * close, and no error that ends the process.
 */
function isDrop(failure: Failure): boolean {
  const { rejected, rejectData, rejectCode, mayRepeat } = failure;
  const isWordless = rejectData === undefined && rejectCode === undefined;
  return rejected === true && mayRepeat === true && isWordless;
}

function checkEnd(connection: Connection): void {
  connection.checkEnd();
}

function tellFailure(connection: Connection): void {
  connection.tellFailure();
}
