// Longer than other files: our word, the peer's and the answer to it wait for each
// other.

import { types } from 'node:util';
import { checkCode, streamDestroyed } from '../arguments.js';
import { debug, rethrowLater } from '../diagnostics.js';
import { errorOfFailure, WinsockError } from '../errors.js';
import type { Socket } from '../socket.js';
import { TimeLimit } from '../time-limit.js';
import { octetsOf, userData } from '../user-data.js';
import {
  WSA_IO_PENDING,
  WSAEMSGSIZE,
  WSAENOPROTOOPT,
  WSAENOTSOCK,
  WSAESHUTDOWN,
  type Status,
} from '../vocabulary/error-codes.js';
import type { Connection } from './connection.js';
import { goOn } from './go-on.js';
import { hearsErrors } from './hears.js';
import type { IdleTimer } from './idle-timer.js';
import type { DisconnectExtras, Done } from '../provider/provider.js';
import type { Answer, LastWordWithCode, Reply } from './options.js';
import type { Written } from './written.js';

/** Longer than any last word. */
const ANY_LENGTH = 0xffff;

/** Pending calls of `disconnect()`. */
export interface LastWordWaiter {
  /** The connection is open. */
  onConnected(): void;
  /** The peer's last word has come. */
  onHeard(): void;
  /** The socket is destroyed; `null`: for no failure. */
  onLeft(reason: Error | null): void;
}

/**
 * The end of a connection: the last word of each side, or our answer to the
 * peer's.
 */
export class LastWord {
  readonly #connection: Connection;
  readonly #idle: IdleTimer;

  #ours: Uint8Array | undefined;
  #isSent = false;
  /** The stream's `_final`, which waits for the connection or for the send. */
  #final: Written | undefined;
  /** And was called back. */
  #isFinal = false;
  /** Why ours was sent without its data. */
  #unsaid: WinsockError | undefined;
  #theirs: Buffer | undefined;
  /** Theirs is here; data before it may be unread. */
  #isClosed = false;
  #heard = false;
  /** Replaced at each change: most connections have one at most. */
  #waiters: readonly LastWordWaiter[] = NOBODY;

  /** Theirs has come, and the stream ends our direction by itself. */
  #endsBoth = false;
  /** And 'end' was emitted: a write after it is an error of its own. */
  #isBehindEnd = false;
  /** The answer function is running. */
  #isAnswering = false;
  /** Whoever ends the stream meanwhile waits for the answer. */
  #endCallbacks: Written[] = NONE;
  /** Destroyed while the answer was under way, and connected to nothing else. */
  #left: Socket | undefined;
  /** And the time that the answer may take then. */
  #limit: TimeLimit<LastWord> | undefined;

  constructor(connection: Connection, idle: IdleTimer) {
    this.#connection = connection;
    this.#idle = idle;
  }

  get isAnswering(): boolean {
    return this.#isAnswering;
  }

  get endsBoth(): boolean {
    return this.#endsBoth;
  }

  get isBehindEnd(): boolean {
    return this.#isBehindEnd;
  }

  get isFinal(): boolean {
    return this.#isFinal;
  }

  get unsaid(): WinsockError | undefined {
    return this.#unsaid;
  }

  /** A call wants ours sent, or waits for theirs. */
  get isUnderWay(): boolean {
    return (
      this.#isSent ||
      this.#isAnswering ||
      this.#final !== undefined ||
      this.#waiters.length > 0
    );
  }

  wait(waiter: LastWordWaiter): void {
    this.#connection.wake();
    this.#waiters = [...this.#waiters, waiter];
  }

  stopWaiting(waiter: LastWordWaiter): void {
    const without = this.#waiters.filter((other) => other !== waiter);
    this.#waiters = without.length === 0 ? NOBODY : without;
  }

  onConnected(): void {
    for (const waiter of this.#waiters) waiter.onConnected();
    // Unless a listener of 'connect' has ended the stream.
    if (this.#final && !this.#isSent) this.final(this.#final);
  }

  // -- ours -----------------------------------------------------------------

  /**
   * Ends the stream with it.
   *
   * @param onfinish called when all is handed over, or never will be.
   */
  say(
    socket: Socket,
    octets: Uint8Array | undefined,
    code: number | undefined,
    onfinish: Written,
  ): WinsockError | undefined {
    const status = this.#sayable(socket, octets, code);
    if (status !== 0) return this.#whyUnsaid(status, octets);
    if (!socket.writableEnded && !this.#isAnswering) {
      this.#ours = octets;
      this.#connection.provider.disconnectExtras = extrasOf(code);
    }
    socket.end(onfinish);
    return undefined;
  }

  #sayable(
    socket: Socket,
    octets: Uint8Array | undefined,
    code: number | undefined,
  ): Status {
    if (socket.writableEnded || this.#isAnswering) {
      return octets || code !== undefined ? WSAESHUTDOWN : 0;
    }
    if (!this.#connection.socket) return WSAENOTSOCK;
    const { provider } = this.#connection;
    if (code !== undefined && !provider.carriesCodes) return WSAENOPROTOOPT;
    if (!octets) return 0;
    if (!provider.framed) return WSAENOPROTOOPT;
    if (octets.length > provider.disconnectDataLimit) return WSAEMSGSIZE;
    return 0;
  }

  #whyUnsaid(status: Status, octets: Uint8Array | undefined): WinsockError {
    return new WinsockError(status, {
      syscall: 'disconnect',
      detail: this.#detailOf(status, octets),
    });
  }

  #detailOf(
    status: Status,
    octets: Uint8Array | undefined,
  ): string | undefined {
    switch (status) {
      case WSAEMSGSIZE:
        return `the last word has ${octets?.length} octets, the peer takes ${this.#connection.provider.disconnectDataLimit}`;
      case WSAENOPROTOOPT:
        return 'the connection carries no last word: that takes framing at both ends, or a Winsock provider that declares XP1_DISCONNECT_DATA';
      default:
        return undefined;
    }
  }

  /**
   * Whether one of that length can still be sent, and fits the peer's limit.
   */
  takes(length: number): boolean {
    const { provider, socket } = this.#connection;
    return (
      socket !== undefined &&
      !socket.writableEnded &&
      !this.#isAnswering &&
      length <= provider.disconnectDataLimit
    );
  }

  /** The provider has all written data: the stream's `_final`. */
  final(callback: Written): void {
    this.#final = callback;
    this.#connection.wake();
    if (!this.#connection.isOpen) return;
    const { socket } = this.#connection;
    const status = this.#send(socket, (result) => {
      this.#onSent(result);
    });
    // As in net, not before the listeners for the peer's end have run.
    if (status === 0) setImmediate(finish, this);
    else if (status !== WSA_IO_PENDING) this.#onSent(status);
  }

  finish(): void {
    const final = this.#final;
    this.#final = undefined;
    if (!final) return;
    this.#isFinal = true;
    try {
      final(this.#unsaid);
    } finally {
      // After 'finish', which the stream emits in a later tick.
      if (this.#heard) this.goOnLater();
    }
  }

  goOnLater(): void {
    const { socket } = this.#connection;
    if (socket) process.nextTick(goOn, socket, this);
  }

  #onSent(status: Status): void {
    if (status === 0) {
      this.finish();
      return;
    }
    const { failure } = this.#connection.provider;
    this.#connection.failWriting(
      errorOfFailure({ ...failure, status }, 'shutdown'),
    );
  }

  #send(socket: Socket | undefined, done?: Done): Status {
    const data = this.#ours;
    this.#isSent = true;
    const status = this.#connection.provider.sendDisconnect(data, done);
    if (status !== 0 && status !== WSA_IO_PENDING) return status;
    debug('last word sent: %d octets', data?.length ?? 0);
    this.#connection.tellWord(socket, 'sent', data);
    return status;
  }

  /** The socket is destroyed; all that was written before is handed over. */
  sendLate(socket: Socket): void {
    if (this.#connection.isOpen && this.#ours && !this.#isSent) {
      this.#send(socket);
    }
  }

  // -- theirs ---------------------------------------------------------------

  /** Theirs is here, and all data before it has been read. */
  get heard(): boolean {
    return this.#heard;
  }

  get theirs(): Buffer | undefined {
    return this.#theirs;
  }

  get ours(): Uint8Array | undefined {
    return this.#ours;
  }

  get theirCode(): number | undefined {
    return this.#isClosed
      ? this.#connection.provider.receivedExtras?.code
      : undefined;
  }

  /** Arguments for listeners: with the number, if there is one. */
  get #said(): [data: Buffer | undefined, code?: number] {
    const { theirCode } = this;
    return theirCode === undefined ? [this.#theirs] : [this.#theirs, theirCode];
  }

  /** The peer has ended gracefully. */
  onClosed(): void {
    const socket = this.#connection.socket!;
    const data = this.#connection.provider.inbox.receiveDisconnect(ANY_LENGTH);
    if (typeof data === 'object') this.#theirs = userData(data);
    this.#idle.touch();
    this.#isClosed = true;
    this.#connection.isEnding = true;
    socket.push(null);
    // As net does: 'end' needs no reader if there is nothing to read.
    if (socket.readableLength === 0) socket.read(0);
  }

  /** Something was read, and 'end' may be the next event. */
  checkEnd(socket: Socket): void {
    if (!this.#isClosed || this.#heard || socket.readableLength > 0) return;
    this.#heard = true;
    this.#connection.isEnding = false;
    const data = this.#theirs;
    debug('last word heard: %d octets', data?.length ?? 0);
    this.#connection.tellWord(socket, 'received', data);
    for (const waiter of this.#waiters) waiter.onHeard();
    try {
      socket.emit('disconnect', ...this.#said);
    } catch (error) {
      // The answer, or the automatic end, is still due.
      rethrowLater(error);
    }
    if (socket.answer && !socket.writableEnded && !socket.destroyed) {
      this.#isAnswering = true;
      void this.#answer(socket, socket.answer);
    } else {
      this.#endsBoth = !socket.allowHalfOpen;
    }
    // After 'end', and the tick in which the stream then ends our direction. An
    // answer that is under way does so by itself.
    if (this.#isFinal || this.#endsBoth) process.nextTick(goOnLater, this);
  }

  /** The stream emits the end. */
  onEnd(): void {
    this.#isBehindEnd = this.#endsBoth;
  }

  // -- the answer -----------------------------------------------------------

  async #answer(socket: Socket, answer: Answer): Promise<void> {
    try {
      const reply = await answer.call(socket, ...this.#said);
      const { data, code } = isWithCode(reply) ? reply : { data: reply };
      const octets = octetsOf(data, 'answer');
      const number = checkCode(code, 'answer.code');
      this.#isAnswering = false;
      this.#sayAnswer(octets, number);
    } catch (error) {
      this.#isAnswering = false;
      this.#connection.abort(asError(error));
    } finally {
      this.#limit?.stop();
    }
  }

  /** The answer is what ends the stream: whoever does so meanwhile waits. */
  endLater(callback: Written | undefined): void {
    if (!callback) return;
    if (this.#endCallbacks.length > 0) this.#endCallbacks.push(callback);
    else this.#endCallbacks = [callback];
  }

  #sayAnswer(octets: Uint8Array | undefined, code: number | undefined): void {
    const { provider, socket } = this.#connection;
    if (this.#connection.isClosed) return;
    // A plain peer takes no user data; the answer function has run anyway.
    let word = provider.framed ? octets : undefined;
    if (word && word.length > provider.disconnectDataLimit) {
      // Reported to us, and no harm to the connection (contract row 2).
      this.#unsaid = this.#whyUnsaid(WSAEMSGSIZE, word);
      this.#connection.tellWordLost(socket ?? this.#left, word, this.#unsaid);
      word = undefined;
    } else if (provider.carriesCodes) {
      provider.disconnectExtras = extrasOf(code);
    }
    this.#ours = word;
    if (socket) {
      const waiting = this.#endCallbacks;
      this.#endCallbacks = NONE;
      socket.end();
      for (const callback of waiting) socket.end(callback);
      return;
    }
    this.#sayLate();
  }

  /** Destroyed meanwhile, without an error: the answer is still sent. */
  #sayLate(): void {
    const left = this.#left;
    this.#send(left);
    this.#connection.close(left?.linger);
    // Too late for destroy() to report. As always after a destroy(), an error
    // without a listener is dropped.
    if (this.#unsaid && left && hearsErrors(left)) {
      process.nextTick(emitError, left, this.#unsaid);
    }
  }

  // -- the end --------------------------------------------------------------

  /**
   * The socket is being destroyed.
   *
   * @param failure for calls that wait for the stream's end.
   * @returns whether a call waited here, and got it.
   */
  leave(socket: Socket, reason: Error | null, failure: Error | null): boolean {
    this.#final = undefined;
    if (this.#isAnswering) {
      this.#left = socket;
      if (!this.#connection.isClosed) this.#limitAnswer(socket.linger);
    }
    const callbacks = this.#endCallbacks;
    this.#endCallbacks = NONE;
    for (const callback of callbacks) {
      process.nextTick(callback, failure ?? streamDestroyed('end'));
    }
    const waiters = this.#waiters;
    this.#waiters = NOBODY;
    for (const waiter of waiters) waiter.onLeft(reason);
    return waiters.length > 0;
  }

  /** Nobody is left to end the wait: it may take as long as a linger. */
  #limitAnswer(linger: number | undefined): void {
    const milliseconds =
      linger === undefined
        ? this.#connection.provider.lingerTimeout
        : 1000 * linger;
    this.#limit = new TimeLimit<LastWord>(milliseconds, cutAnswer, this);
    this.#limit.unref();
  }

  cutAnswer(): void {
    if (this.#connection.isClosed) return;
    if (this.#left) this.#connection.cut(this.#left);
    else this.#connection.abort();
  }

  /** The socket has another connection now. */
  forgetSocket(): void {
    this.#left = undefined;
  }
}

function extrasOf(code: number | undefined): DisconnectExtras | undefined {
  return code === undefined ? undefined : { code };
}

/** Any other object is not user data, and is reported as such. */
function isWithCode(reply: Reply): reply is LastWordWithCode {
  return (
    typeof reply === 'object' &&
    reply !== null &&
    !types.isUint8Array(reply) &&
    ('data' in reply || 'code' in reply)
  );
}

function finish(lastWord: LastWord): void {
  lastWord.finish();
}

function goOnLater(lastWord: LastWord): void {
  lastWord.goOnLater();
}

function cutAnswer(lastWord: LastWord): void {
  lastWord.cutAnswer();
}

/** A destroy() without a reason would tell nobody. */
function asError(reason: unknown): Error {
  return (reason ?? new Error(`the answer failed with ${reason}`)) as Error;
}

function emitError(socket: Socket, error: Error): void {
  socket.emit('error', error);
}

const NONE: Written[] = [];
const NOBODY: readonly LastWordWaiter[] = [];
