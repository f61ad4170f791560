import {
  checkCode,
  checkMilliseconds,
  checkObject,
  checkSignal,
  present,
} from '../arguments.js';
import type { Absent } from '../connection-options.js';
import { WinsockError } from '../errors.js';
import { sayLastWord, type Socket } from '../socket.js';
import type { Asked, Settle } from '../socket/disconnect.js';
import { TimeLimit } from '../time-limit.js';
import { octetsOf, type UserData } from '../user-data.js';
import { WSAETIMEDOUT } from '../vocabulary/error-codes.js';

export interface DrainOptions {
  /** Our last word to every client, and to callers that still wait. */
  data?: UserData | undefined;
  /** A 32-bit number beside it, to every client. */
  code?: number | Absent;
  /**
   * Sent to every client first, before our last word. Clients carry on, and have
   * `noticePeriod` to end by themselves.
   */
  notice?: UserData | undefined;
  /**
   * Milliseconds from the notice to our last word to the remaining clients;
   * half of `deadline` if absent, or 5,000 without one. Without `notice`, a
   * notice without data is sent.
   */
  noticePeriod?: number | Absent;
  /** Milliseconds until the remaining connections are aborted. */
  deadline?: number | Absent;
  /** Brings the deadline forward to now. */
  signal?: AbortSignal | Absent;
}

/** The ends of the connections that were open when a drain began. */
export interface DrainCounts {
  /** All of them: those that ended, failed or were aborted. */
  connections: number;
  /** Closed gracefully by both sides. */
  ended: number;
  /** Of these, clients that sent a last word of their own. */
  answered: number;
  /** Broken by the client or on the way. */
  failed: number;
  /** Of these, connections that ended without the client's last word. */
  cut: number;
  /** And connections whose client was silent for too long (`idleTimeout`). */
  timedOut: number;
  /** Cut off at the deadline. */
  aborted: number;
  /**
   * Closed connections that were still sending, and were cut off at the
   * deadline.
   */
  lingering: number;
  /** Callers that were still waiting, and were refused. */
  refused: number;
}

export interface DrainResult extends DrainCounts {
  /** The clients' last words. */
  answers: Map<Socket, Buffer>;
}

/** A drain's options, checked and with defaults. */
export interface CheckedDrain {
  data: Uint8Array | undefined;
  code: number | undefined;
  notice: Notice | undefined;
  milliseconds: number | undefined;
  signal: AbortSignal | undefined;
}

/** Our word before the last. */
interface Notice {
  data: Uint8Array | undefined;
  /** Milliseconds until the last. */
  period: number;
}

/** Milliseconds of a notice without a deadline. */
const NOTICE_PERIOD = 5000;

export function checkDrainOptions(options: DrainOptions): CheckedDrain {
  checkObject(options, 'options');
  const signal = present(options.signal);
  const deadline = present(options.deadline);
  const data = octetsOf(options.data, 'options.data');
  if (signal !== undefined) checkSignal(signal, 'options.signal');
  const milliseconds =
    deadline === undefined
      ? undefined
      : checkMilliseconds(deadline, 'options.deadline');
  const code = checkCode(options.code, 'options.code');
  const notice = checkNotice(options, milliseconds);
  return { data, code, notice, milliseconds, signal };
}

function checkNotice(
  options: DrainOptions,
  milliseconds: number | undefined,
): Notice | undefined {
  const { notice } = options;
  const noticePeriod = present(options.noticePeriod);
  const data = octetsOf(notice, 'options.notice');
  if (noticePeriod !== undefined) {
    const period = checkMilliseconds(noticePeriod, 'options.noticePeriod');
    return { data, period };
  }
  if (notice === undefined) return undefined;
  return {
    data,
    period: milliseconds === undefined ? NOTICE_PERIOD : milliseconds / 2,
  };
}

/** The moment after which a drain waits no longer. */
export class Deadline {
  readonly #cutOff = new AbortController();
  readonly #limit: TimeLimit | undefined;
  readonly #earlier: AbortSignal | undefined;

  constructor(
    milliseconds: number | undefined,
    earlier: AbortSignal | undefined,
  ) {
    this.#earlier = earlier;
    if (milliseconds !== undefined) {
      this.#limit = new TimeLimit(milliseconds, this.#cut);
    }
    if (earlier?.aborted) this.#cut();
    else earlier?.addEventListener('abort', this.#cut, { once: true });
  }

  /** Aborted at that moment. */
  get signal(): AbortSignal {
    return this.#cutOff.signal;
  }

  /** It is no longer needed. */
  cancel(): void {
    this.#limit?.stop();
    this.#earlier?.removeEventListener('abort', this.#cut);
  }

  readonly #cut = () => {
    this.#cutOff.abort(
      new WinsockError(WSAETIMEDOUT, {
        syscall: 'drain',
        detail: 'the deadline has passed',
      }),
    );
  };
}

/** Another drain that waits for one of them counts it as aborted, too. */
const cutOffSockets = new WeakSet<Socket>();

/**
 * Says a last word to every socket, and waits until each has ended.
 *
 * @param waiting a socket is taken out as it ends.
 */
export async function drainSockets(
  waiting: Set<Socket>,
  { data, code, notice }: CheckedDrain,
  cutOff: AbortSignal,
): Promise<Omit<DrainResult, 'refused' | 'lingering'>> {
  const counts = {
    connections: waiting.size,
    ended: 0,
    answered: 0,
    failed: 0,
    cut: 0,
    timedOut: 0,
    aborted: 0,
    answers: new Map<Socket, Buffer>(),
  };
  // Removing one listener per socket would take longer the more there are.
  const forget = onceAborted(cutOff, () => {
    const left = [...waiting];
    counts.aborted += left.length;
    // Before each settles: they do not count as failed.
    waiting.clear();
    for (const socket of left) {
      cutOffSockets.add(socket);
      socket.resetAndDestroy();
    }
  });
  if (notice) await giveNotice(waiting, notice, cutOff);
  const words = wordsOf(data, code);
  await new Promise<void>((resolve) => {
    // Connections that are cut off settle too.
    const sockets = [...waiting];
    let left = sockets.length;
    if (left === 0) resolve();
    for (const socket of sockets) {
      sayGoodbye(socket, words, (error, word) => {
        if (waiting.delete(socket)) count(counts, socket, error, word);
        if (--left === 0) resolve();
      });
    }
  });
  forget();
  return counts;
}

/** Resolves when the notice's time is over, or no client is left. */
async function giveNotice(
  waiting: ReadonlySet<Socket>,
  { data, period }: Notice,
  cutOff: AbortSignal,
): Promise<void> {
  if (cutOff.aborted) return;
  const told = Array.from(waiting, (socket) => {
    socket.notify(socket.takesLastWord(data?.length ?? 0) ? data : undefined);
    return new Promise<void>((resolve) => {
      if (socket.closed) resolve();
      else socket.once('close', resolve);
    });
  });
  await new Promise<void>((resolve) => {
    const limit = new TimeLimit(period, end);
    const forget = onceAborted(cutOff, end);
    function end(): void {
      limit.stop();
      forget();
      resolve();
    }
    void Promise.all(told).then(end);
  });
}

/** @returns a function that removes the listener. */
export function onceAborted(
  signal: AbortSignal,
  listener: () => void,
): () => void {
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
  return () => {
    signal.removeEventListener('abort', listener);
  };
}

function count(
  counts: Omit<DrainResult, 'refused' | 'lingering'>,
  socket: Socket,
  error: Error | null,
  word: Buffer | undefined,
): void {
  if (error && cutOffSockets.has(socket)) {
    counts.aborted++;
    return;
  }
  if (error) {
    counts.failed++;
    const { violation, code } = error as WinsockError;
    if (violation === 'cut') counts.cut++;
    if (code === 'ETIMEDOUT') counts.timedOut++;
    return;
  }
  counts.ended++;
  if (word) {
    counts.answered++;
    counts.answers.set(socket, word);
  }
}

/** Our last word, with only what a client takes. */
interface Words {
  readonly whole: Asked;
  readonly data: Asked;
  readonly code: Asked;
  readonly none: Asked;
}

function wordsOf(
  octets: Uint8Array | undefined,
  code: number | undefined,
): Words {
  // A drain has a deadline of its own.
  const milliseconds = Number.POSITIVE_INFINITY;
  const none = { octets: undefined, code: undefined, signal: undefined };
  return {
    whole: { ...none, octets, code, milliseconds },
    data: { ...none, octets, milliseconds },
    code: { ...none, code, milliseconds },
    none: { ...none, milliseconds },
  };
}

/**
 * Some clients cannot get our last word: they have ended, are plain, or take
 * less.
 *
 * @param settle receives their last word, or the failure of the connection.
 */
function sayGoodbye(socket: Socket, words: Words, settle: Settle): void {
  const { octets, code } = words.whole;
  const isTaken = octets !== undefined && socket.takesLastWord(octets.length);
  // A client that has ended after a notice is sent nothing more.
  const takesCode =
    code !== undefined && socket.framed && socket.takesLastWord(0);
  const taken = takesCode ? words.code : words.none;
  const takenWithData = takesCode ? words.whole : words.data;
  let isOver = false;
  const settleOnce: Settle = (error, word) => {
    if (isOver) return;
    isOver = true;
    settle(error, word);
  };
  try {
    sayLastWord(socket, isTaken ? takenWithData : taken, settleOnce);
  } catch (error) {
    // Thrown by a listener, or by a method that the application has replaced.
    settleOnce(error as Error);
  }
}
