import { Duplex } from 'node:stream';
import { endedByOtherParty } from '../arguments.js';
import { debug, disconnectChannel, rethrowLater } from '../diagnostics.js';
import { errorOfFailure, WinsockError } from '../errors.js';
import type { Socket } from '../socket.js';
import { octetsOf, userData } from '../user-data.js';
import {
  WSA_IO_PENDING,
  WSAEMSGSIZE,
  WSAENOPROTOOPT,
  WSAENOTCONN,
  WSAENOTSOCK,
  WSAESHUTDOWN,
  type Status,
} from '../vocabulary/error-codes.js';
import type { IdleTimer } from './idle-timer.js';
import type { Link } from './link.js';
import type { Answer } from './options.js';

/** Longer than any last word. */
const ANY_LENGTH = 0xffff;

/**
 * How a connection ends: with the last word of each side, the answer to the
 * peer's, or an abort.
 */
export class LastWord {
  readonly #socket: Socket;
  readonly #link: Link;
  readonly #idle: IdleTimer;

  #ours: Uint8Array | undefined;
  /** Why ours was sent without its data. */
  #unsaid: WinsockError | undefined;
  #theirs: Buffer | undefined;
  #heard = false;
  /** The answer function is at work. */
  #answering = false;
  #aborts = false;

  constructor(socket: Socket, link: Link, idle: IdleTimer) {
    this.#socket = socket;
    this.#link = link;
    this.#idle = idle;
  }

  /** The socket is about to connect again. */
  renew(): void {
    this.#ours = undefined;
    this.#unsaid = undefined;
    this.#theirs = undefined;
    this.#heard = false;
    this.#aborts = false;
  }

  // -- ours -----------------------------------------------------------------

  sayOnceConnected(
    octets: Uint8Array | undefined,
    fail: (error: Error) => void,
  ): void {
    const say = () => {
      const error = this.say(octets);
      if (error) fail(error);
    };
    if (this.#socket.connecting) this.#socket.once('connect', say);
    else say();
  }

  /** Ends the stream with it. */
  say(octets: Uint8Array | undefined): WinsockError | undefined {
    const status = this.#trySay(octets);
    return status === 0 ? undefined : this.#whyUnsaid(status, octets);
  }

  #trySay(octets: Uint8Array | undefined): Status {
    const socket = this.#socket;
    const { provider } = this.#link;
    if (socket.writableEnded || this.#answering) {
      return octets ? WSAESHUTDOWN : 0;
    }
    if (socket.destroyed) return WSAENOTSOCK;
    if (!provider) return WSAENOTCONN;
    if (octets) {
      if (!provider.framed) return WSAENOPROTOOPT;
      if (octets.length > provider.disconnectDataLimit) return WSAEMSGSIZE;
    }
    this.#ours = octets;
    socket.end();
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
        return `the last word has ${octets?.length} octets, the peer takes ${this.#link.provider?.disconnectDataLimit}`;
      case WSAENOPROTOOPT:
        return 'the connection carries no last word: that takes framing at both ends, or a Winsock provider that declares XP1_DISCONNECT_DATA';
      default:
        return undefined;
    }
  }

  /** Whether one of that length can still be said, and is taken. */
  takes(length: number): boolean {
    const { provider } = this.#link;
    return (
      provider !== undefined &&
      !this.#socket.writableEnded &&
      !this.#answering &&
      length <= provider.disconnectDataLimit
    );
  }

  /** All that was written is with the provider: the stream's `_final`. */
  final(callback: (error?: Error | null) => void): void {
    const socket = this.#socket;
    if (socket.connecting || (!this.#link.provider && !socket.destroyed)) {
      socket.once('connect', () => {
        this.#send(callback);
      });
      return;
    }
    this.#send(callback);
  }

  #send(callback: (error?: Error | null) => void): void {
    const data = this.#ours;
    // Where that fails the connection has failed, and FD_CLOSE tells.
    const status = this.#link.provider?.sendDisconnect(data, (result) => {
      this.#onSent(result, callback);
    });
    if (status === 0) {
      // As with net, not before what hears of the peer's end has had its turn.
      setImmediate(() => {
        callback(this.#unsaid);
      });
    } else if (status !== WSA_IO_PENDING) {
      this.#onSent(status ?? 0, callback);
      return;
    }
    debug('last word sent: %d octets', data?.length ?? 0);
    if (disconnectChannel.hasSubscribers) {
      disconnectChannel.publish({
        socket: this.#socket,
        direction: 'sent',
        data: userData(data),
      });
    }
  }

  #onSent(status: Status, callback: (error?: Error | null) => void): void {
    const failure = this.#link.known?.failure;
    callback(
      status === 0
        ? this.#unsaid
        : errorOfFailure({ ...failure, status }, 'shutdown'),
    );
  }

  // -- theirs ---------------------------------------------------------------

  /** Theirs is here, and all data before it has been read. */
  get heard(): boolean {
    return this.#heard;
  }

  get theirs(): Buffer | undefined {
    return this.#theirs;
  }

  /** FD_CLOSE. */
  onClosed(status: Status): void {
    const socket = this.#socket;
    const provider = this.#link.provider!;
    if (status !== 0) {
      socket.destroy(
        errorOfFailure(provider.failure ?? { status }, 'read', {}),
      );
      return;
    }
    const data = provider.receiveDisconnect(ANY_LENGTH);
    if (typeof data === 'object') this.#theirs = userData(data);
    this.#idle.touch();
    socket.push(null);
    // As net does: 'end' needs no reader if there is nothing to read.
    if (socket.readableLength === 0) socket.read(0);
  }

  /** All data has been read. */
  onEnd(): void {
    const socket = this.#socket;
    const data = this.#theirs;
    this.#heard = true;
    debug('last word heard: %d octets', data?.length ?? 0);
    if (disconnectChannel.hasSubscribers) {
      disconnectChannel.publish({ socket, direction: 'received', data });
    }
    try {
      socket.emit('disconnect', data);
    } catch (error) {
      // The answer, or the automatic end, is due all the same.
      rethrowLater(error);
    }
    if (socket.answer && !socket.writableEnded && !socket.destroyed) {
      this.#answer(socket.answer);
    } else if (!socket.allowHalfOpen) {
      socket.write = (...args: unknown[]) => writeAfterEnd(socket, args);
    }
  }

  // -- the answer -----------------------------------------------------------

  /** Holds the automatic end until it is there. */
  #answer(answer: Answer): void {
    const socket = this.#socket;
    const { allowHalfOpen } = socket;
    this.#answering = true;
    socket.allowHalfOpen = true;
    void this.#awaitAnswer(answer, allowHalfOpen);
  }

  async #awaitAnswer(answer: Answer, allowHalfOpen: boolean): Promise<void> {
    try {
      const reply = await answer.call(this.#socket, this.#theirs);
      const octets = octetsOf(reply, 'answer');
      this.#answering = false;
      this.#socket.allowHalfOpen = allowHalfOpen;
      this.#sayAnswer(octets);
    } catch (error) {
      this.#answering = false;
      this.abort(error as Error);
    }
  }

  #sayAnswer(octets: Uint8Array | undefined): void {
    const socket = this.#socket;
    const { provider } = this.#link;
    if (!provider) return;
    // A plain peer takes no user data; what the answer is for was done.
    let word = provider.framed ? octets : undefined;
    if (word && word.length > provider.disconnectDataLimit) {
      // Ours to hear of, and no harm to the connection (contract row 2).
      this.#unsaid = this.#whyUnsaid(WSAEMSGSIZE, word);
      word = undefined;
    }
    if (!socket.destroyed) {
      const error = this.say(word);
      if (error) this.abort(error);
      return;
    }
    // Closed meanwhile, without an error: the answer still goes out.
    provider.sendDisconnect(word);
    this.#link.close(socket.linger);
    // Too late for destroy() to tell. As everywhere behind a destroy(), an
    // error that nobody listens for is none.
    if (this.#unsaid && socket.listenerCount('error') > 0) {
      process.nextTick(emitError, socket, this.#unsaid);
    }
  }

  // -- the end --------------------------------------------------------------

  /** Ends the connection so that the peer sees a reset. */
  abort(error?: Error): void {
    this.#aborts = true;
    if (this.#socket.destroyed) this.#link.close(0);
    else this.#socket.destroy(error);
  }

  /**
   * The socket is being destroyed: closes the connection, as is due.
   *
   * @returns what it is destroyed with.
   */
  onDestroy(reason: Error | null): Error | null {
    const isNoFailure = isEndOfLoop(reason);
    if (this.#aborts) {
      this.#link.close(0);
    } else if (!this.#answering || !isNoFailure) {
      this.#link.close(this.#socket.linger);
    }
    return isNoFailure ? (this.#unsaid ?? reason) : reason;
  }
}

/**
 * `for await` destroys what it has read to the end, if the other direction is
 * still open: with an AbortError that has no cause.
 */
function isEndOfLoop(error: Error | null): boolean {
  return !error || (error.name === 'AbortError' && error.cause === undefined);
}

/** net's clearer word on a write behind the automatic end. */
function writeAfterEnd(socket: Socket, args: unknown[]): boolean {
  if (!socket.writableEnded) {
    return Duplex.prototype.write.apply(
      socket,
      args as Parameters<Duplex['write']>,
    );
  }
  const error = endedByOtherParty();
  const done = args.find((arg) => typeof arg === 'function');
  if (done) process.nextTick(done, error);
  socket.destroy(error);
  return false;
}

function emitError(socket: Socket, error: Error): void {
  socket.emit('error', error);
}
