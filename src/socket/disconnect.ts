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
import { octetsOf, userData, type UserData } from '../user-data.js';
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
 * Says our last word, and resolves to the peer's once ours has been handed over
 * too.
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
  const start = (settled: Settle) => {
    new Waiting(socket, connection, asked, settled).start();
  };
  if (disconnectTracing.hasSubscribers) {
    const context = { socket, data: userData(asked.octets) };
    disconnectTracing.traceCallback(start, 0, context, undefined, settle);
  } else {
    start(settle);
  }
  return promise;
}

/** Called once with the outcome: an error, or the peer's last word. */
type Settle = (error: Error | null, word?: Buffer) => void;

interface Asked {
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
  #limit: TimeLimit | undefined;
  #isOver = false;
  #isSaid = false;

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
    signal?.addEventListener('abort', this.#onabort, { once: true });
    if (milliseconds !== undefined && Number.isFinite(milliseconds)) {
      this.#limit = new TimeLimit(milliseconds, () => {
        this.#onDeadline();
      });
    }
    // The peer's limits are not known before.
    if (this.#connection.isOpen) this.onConnected();
    // Nothing is reported afterwards.
    if (!this.#connection.socket) this.onLeft(this.#socket.errored);
  }

  onConnected(): void {
    // A listener of 'connect' may have called it, and been called back already.
    if (this.#isSaid) return;
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

  readonly #onabort = (): void => {
    this.#fail(abortError(this.#asked.signal!));
    this.#connection.abort();
  };

  #onDeadline(): void {
    this.#giveUp(
      `the peer did not say its last word within ${this.#asked.milliseconds} ms`,
    );
  }

  /** A peer that has vanished behind a NAT or a proxy sends no end. */
  #watchQuiet(outstanding?: number): void {
    const before = this.#signOfPeer;
    this.#limit = new TimeLimit(QUIET_LIMIT, () => {
      const { provider } = this.#connection;
      // Octets that wait for a reader here do not mean that the peer is silent.
      const isUnread =
        provider.inbox.readable || this.#socket.readableLength > 0;
      // Requested only now, since most connections are never this quiet.
      const now = provider.outstanding;
      const isTaken = outstanding === undefined ? now > 0 : now < outstanding;
      if (isUnread || isTaken || this.#signOfPeer !== before) {
        this.#watchQuiet(now);
      } else {
        this.#giveUp(
          `the peer has neither sent nor taken anything for ${QUIET_LIMIT} ms`,
        );
      }
    }).unref();
  }

  get #signOfPeer(): string {
    return `${this.#socket.bytesRead} ${this.#connection.provider.unsent}`;
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
    this.#asked.signal?.removeEventListener('abort', this.#onabort);
    this.#connection.lastWord.stopWaiting(this);
  }
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
