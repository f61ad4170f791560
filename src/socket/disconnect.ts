import {
  abortError,
  checkCode,
  checkMilliseconds,
  checkObject,
  checkSignal,
  present,
} from '../arguments.js';
import { disconnectTracing } from '../diagnostics.js';
import { WinsockError } from '../errors.js';
import type { Socket } from '../socket.js';
import { TimeLimit } from '../time-limit.js';
import { copyOfUserData, octetsOf, type UserData } from '../user-data.js';
import {
  WSAECONNABORTED,
  WSAENOTCONN,
  WSAETIMEDOUT,
} from '../vocabulary/error-codes.js';
import type { Connection } from './connection.js';
import { hearsErrors } from './hears.js';
import type { LastWordWaiter } from './last-word.js';
import type { DisconnectOptions } from './options.js';

/**
 * Says our last word, and resolves to the peer's once the system has ours.
 *
 * While a call waits here, it gets the socket's error, so a listener for
 * 'error' is not needed as well. With such a listener, or a server that
 * accepted the socket, nobody needs to wait: a dropped promise is not an
 * unhandled rejection.
 */
export function disconnect(
  socket: Socket,
  connection: Connection | undefined,
  data: UserData | undefined,
  options: DisconnectOptions,
): Promise<Buffer | undefined> {
  let asked: Asked;
  try {
    asked = check(data, options);
  } catch (error) {
    return Promise.reject(error);
  }
  if (!connection) {
    return Promise.reject(
      new WinsockError(WSAENOTCONN, { syscall: 'disconnect' }),
    );
  }
  const { promise, resolve, reject } = withResolvers<Buffer | undefined>();
  const settle: Settle = (error, word) => {
    if (!error) {
      resolve(word);
      return;
    }
    // A stranger's actions must not end the process.
    const isAccepted = connection.setup === undefined;
    if (isAccepted || hearsErrors(socket)) ignore(promise);
    reject(error);
  };
  begin(socket, connection, asked, settle);
  return promise;
}

/**
 * The same without a promise, and without checks.
 *
 * @param asked may be shared: it is not changed, nor handed out.
 */
export function begin(
  socket: Socket,
  connection: Connection,
  asked: Asked,
  settle: Settle,
): void {
  if (!disconnectTracing.hasSubscribers) {
    new Waiting(socket, connection, asked, settle).start();
    return;
  }
  const context = { socket, data: copyOfUserData(asked.octets) };
  const start = (settled: Settle) => {
    new Waiting(socket, connection, asked, settled).start();
  };
  disconnectTracing.traceCallback(start, 0, context, undefined, settle);
}

/** Called once with the outcome: an error, or the peer's last word. */
export type Settle = (error: Error | null, word?: Buffer) => void;

export interface Asked {
  octets: Uint8Array | undefined;
  code: number | undefined;
  signal: AbortSignal | undefined;
  milliseconds: number | undefined;
}

function check(data: unknown, options: DisconnectOptions): Asked {
  checkObject(options, 'options');
  const signal = present(options.signal);
  const deadline = present(options.deadline);
  if (signal !== undefined) checkSignal(signal, 'options.signal');
  const milliseconds =
    deadline === undefined || deadline === Number.POSITIVE_INFINITY
      ? deadline
      : checkMilliseconds(deadline, 'options.deadline');
  const code = checkCode(options.code, 'options.code');
  if (signal?.aborted) throw abortError(signal);
  return { octets: octetsOf(data, 'data'), code, signal, milliseconds };
}

/** Milliseconds without a sign of the peer, if no deadline is given. */
const QUIET_LIMIT = 120_000;

/** One `disconnect()` that waits. */
class Waiting implements LastWordWaiter {
  readonly #socket: Socket;
  readonly #connection: Connection;
  readonly #asked: Asked;
  readonly #settled: Settle;
  #limit: TimeLimit<Waiting> | undefined;
  #onabort: (() => void) | undefined;
  #isOver = false;
  #isSaid = false;
  /** When the peer gave its last sign: octets read, unsent, and not taken. */
  #readThen = 0;
  #unsentThen = 0;
  #outstandingThen: number | undefined;

  constructor(
    socket: Socket,
    connection: Connection,
    asked: Asked,
    settled: Settle,
  ) {
    this.#socket = socket;
    this.#connection = connection;
    this.#asked = asked;
    this.#settled = settled;
  }

  start(): void {
    const { signal, milliseconds } = this.#asked;
    this.#connection.lastWord.wait(this);
    if (signal) {
      this.#onabort = () => {
        this.#fail(abortError(signal));
        this.#connection.abort();
      };
      signal.addEventListener('abort', this.#onabort, { once: true });
    }
    if (milliseconds !== undefined && Number.isFinite(milliseconds)) {
      this.#limit = new TimeLimit<Waiting>(milliseconds, onDeadline, this);
    }
    // The peer's limits are not known before.
    if (this.#connection.isOpen) this.onConnected();
    // Nothing is reported afterwards.
    if (!this.#connection.socket) this.onLeft(this.#socket.errored);
  }

  onConnected(): void {
    // A listener of 'connect' may have called it, and been called back already.
    if (this.#isSaid || this.#isOver) return;
    this.#isSaid = true;
    const { lastWord } = this.#connection;
    const { octets, code } = this.#asked;
    const refused = lastWord.say(this.#socket, octets, code, () => {
      this.#progress();
    });
    if (refused) {
      this.#fail(refused);
      return;
    }
    this.#progress();
    // An idle limit detects silence better.
    const isWatched = this.#connection.provider.idleLimit > 0;
    if (this.#asked.milliseconds === undefined && !isWatched && !this.#isOver) {
      this.#watchQuiet();
    }
    // Without a reader, the last word would stay behind the data for ever.
    const socket = this.#socket;
    if (!this.#isOver && socket.readableFlowing === null) socket.resume();
  }

  onHeard(): void {
    this.#progress();
  }

  #progress(): void {
    const { lastWord } = this.#connection;
    if (this.#isOver || !lastWord.heard || !this.#socket.writableFinished) {
      return;
    }
    this.#settle();
    this.#settled(null, lastWord.theirs);
  }

  onLeft(reason: Error | null): void {
    if (this.#isOver) return;
    const { heard, theirs } = this.#connection.lastWord;
    if (heard && !reason) {
      this.#settle();
      this.#settled(null, theirs);
      return;
    }
    this.#fail(
      reason ??
        new WinsockError(WSAECONNABORTED, {
          syscall: 'disconnect',
          detail: 'the socket was destroyed',
        }),
    );
  }

  onDeadline(): void {
    this.#giveUp(
      `the peer did not say its last word within ${this.#asked.milliseconds} ms`,
    );
  }

  /** A peer that has vanished behind a NAT or a proxy sends no end. */
  #watchQuiet(outstanding?: number): void {
    this.#outstandingThen = outstanding;
    this.#readThen = this.#socket.bytesRead;
    this.#unsentThen = this.#connection.provider.unsent;
    this.#limit = new TimeLimit<Waiting>(QUIET_LIMIT, onQuiet, this).unref();
  }

  /** The peer's time for a sign is up. */
  onQuiet(): void {
    const { provider } = this.#connection;
    const { bytesRead, readableLength } = this.#socket;
    // Octets that wait for a reader here do not mean that the peer is silent.
    const isUnread = provider.inbox.readable || readableLength > 0;
    // Requested only now, since most connections are never this quiet.
    const now = provider.outstanding;
    const before = this.#outstandingThen;
    const isTaken = before === undefined ? now > 0 : now < before;
    const isMoved =
      bytesRead !== this.#readThen || provider.unsent !== this.#unsentThen;
    if (isUnread || isTaken || isMoved) {
      this.#watchQuiet(now);
    } else {
      this.#giveUp(
        `the peer has neither sent nor taken anything for ${QUIET_LIMIT} ms`,
      );
    }
  }

  #giveUp(detail: string): void {
    this.#fail(
      new WinsockError(WSAETIMEDOUT, { syscall: 'disconnect', detail }),
    );
    this.#connection.abort();
  }

  #fail(error: Error): void {
    this.#settle();
    this.#settled(error);
  }

  #settle(): void {
    this.#isOver = true;
    this.#limit?.stop();
    if (this.#onabort) {
      this.#asked.signal!.removeEventListener('abort', this.#onabort);
    }
    this.#connection.lastWord.stopWaiting(this);
  }
}

function onDeadline(waiting: Waiting): void {
  waiting.onDeadline();
}

function onQuiet(waiting: Waiting): void {
  waiting.onQuiet();
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((...both) => {
    [resolve, reject] = both;
  });
  return { promise, resolve, reject };
}

/** Nobody has to await it. */
function ignore(promise: Promise<unknown>): void {
  promise.catch(() => {});
}
