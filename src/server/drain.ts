import {
  checkCode,
  checkMilliseconds,
  checkObject,
  checkSignal,
  present,
} from '../arguments.js';
import type { Absent } from '../connection-options.js';
import { WinsockError } from '../errors.js';
import type { Socket } from '../socket.js';
import { TimeLimit } from '../time-limit.js';
import { octetsOf, type UserData } from '../user-data.js';
import { WSAETIMEDOUT } from '../vocabulary/error-codes.js';

export interface DrainOptions {
  /** Our last word to every client, and to callers that still wait. */
  data?: UserData | undefined;
  /** A number of 32 bits beside it, to every client. */
  code?: number | Absent;
  /**
   * Told to every client first: that our last word comes soon. They go on, and
   * have `noticePeriod` to end by themselves.
   */
  notice?: UserData | undefined;
  /**
   * Milliseconds from the notice to our last word, to who is left by then; half
   * of `deadline` if absent, and 5,000 without one. Without `notice` it sends a
   * notice without data.
   */
  noticePeriod?: number | Absent;
  /** Milliseconds until the connections that are left are aborted. */
  deadline?: number | Absent;
  /** Brings the deadline forward: to now. */
  signal?: AbortSignal | Absent;
}

/** How the connections ended that there were when a drain began. */
export interface DrainCounts {
  /** All of them: those that ended, failed or were aborted. */
  connections: number;
  /** Closed gracefully by both sides. */
  ended: number;
  /** Of these, clients that had a last word of their own. */
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
   * Closed connections whose last octets were on their way, and were cut off at
   * the deadline.
   */
  lingering: number;
  /** Callers that were still waiting, and were sent away. */
  refused: number;
}

export interface DrainResult extends DrainCounts {
  /** The clients' last words. */
  answers: Map<Socket, Buffer>;
}

/** A drain's options as they are used, checked. */
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

/** Milliseconds of a notice where there is no deadline. */
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

/** The moment from which a drain waits for nobody any more. */
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

  /** Aborted when it has come. */
  get signal(): AbortSignal {
    return this.#cutOff.signal;
  }

  /** It is not needed any more. */
  cancel(): void {
    this.#limit?.stop();
    this.#earlier?.removeEventListener('abort', this.#cut);
  }

  readonly #cut = () => {
    this.#cutOff.abort(
      new WinsockError(WSAETIMEDOUT, {
        syscall: 'drain',
        detail: 'the deadline has come',
      }),
    );
  };
}

/**
 * Tells every socket why, and waits until each has ended.
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
  // A listener for each socket would take the longer to remove, the more there
  // are.
  const forget = onceAborted(cutOff, () => {
    counts.aborted = waiting.size;
    for (const socket of waiting) socket.resetAndDestroy();
    waiting.clear();
  });
  if (notice) await giveNotice(waiting, notice, cutOff);
  await Promise.all(
    Array.from(waiting, async (socket) => {
      const goodbye = await sayGoodbye(socket, data, code);
      if (!waiting.delete(socket)) return;
      if (goodbye instanceof Error) {
        counts.failed++;
        const { violation, code: why } = goodbye as WinsockError;
        if (violation === 'cut') counts.cut++;
        if (why === 'ETIMEDOUT') counts.timedOut++;
        return;
      }
      counts.ended++;
      if (goodbye.word) {
        counts.answered++;
        counts.answers.set(socket, goodbye.word);
      }
    }),
  );
  forget();
  return counts;
}

/** Resolves when the time of the notice is over, or nobody is left. */
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

/** @returns what takes the listener away. */
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

/**
 * Some cannot be told why: they have ended already, are plain, take less.
 *
 * @returns their last word, or why the connection has failed.
 */
async function sayGoodbye(
  socket: Socket,
  data: Uint8Array | undefined,
  code: number | undefined,
): Promise<{ word: Buffer | undefined } | Error> {
  const isTaken = data && socket.takesLastWord(data.length);
  // Who has ended behind a notice is told nothing more.
  const takesCode = socket.framed && socket.takesLastWord(0);
  // A drain has a deadline of its own.
  const deadline = Number.POSITIVE_INFINITY;
  const options = takesCode ? { code, deadline } : { deadline };
  try {
    return {
      word: await socket.disconnect(isTaken ? data : undefined, options),
    };
  } catch (error) {
    return error as Error;
  }
}
