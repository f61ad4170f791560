import { setMaxListeners } from 'node:events';
import { checkMilliseconds, checkSignal } from '../arguments.js';
import { WinsockError } from '../errors.js';
import type { Socket } from '../socket.js';
import { TimeLimit } from '../time-limit.js';
import { octetsOf, type UserData } from '../user-data.js';
import { WSAETIMEDOUT } from '../vocabulary/error-codes.js';

export interface DrainOptions {
  /** Our last word to every client, and to callers that still wait. */
  data?: UserData | undefined;
  /** Milliseconds until the connections that are left are aborted. */
  deadline?: number | undefined;
  /** Brings the deadline forward: to now. */
  signal?: AbortSignal | undefined;
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
  /** Cut off at the deadline. */
  aborted: number;
  /** Callers that were still waiting, and were sent away. */
  refused: number;
}

export interface DrainResult extends DrainCounts {
  /** The clients' last words. */
  answers: Map<Socket, Buffer>;
}

/** A drain's options as they are used, checked. */
export function checkDrainOptions(options: DrainOptions): {
  data: Uint8Array | undefined;
  milliseconds: number | undefined;
  signal: AbortSignal | undefined;
} {
  const { signal, deadline } = options;
  const data = octetsOf(options.data, 'options.data');
  if (signal !== undefined) checkSignal(signal, 'options.signal');
  const milliseconds =
    deadline === undefined
      ? undefined
      : checkMilliseconds(deadline, 'options.deadline');
  return { data, milliseconds, signal };
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

/** Tells every socket why, and waits until each has ended. */
export async function drainSockets(
  sockets: readonly Socket[],
  data: Uint8Array | undefined,
  cutOff: AbortSignal,
): Promise<Omit<DrainResult, 'refused'>> {
  // One listener for each socket: that many are no leak.
  setMaxListeners(0, cutOff);
  const counts = {
    connections: sockets.length,
    ended: 0,
    answered: 0,
    failed: 0,
    aborted: 0,
    answers: new Map<Socket, Buffer>(),
  };
  await Promise.all(
    sockets.map(async (socket) => {
      try {
        const word = await sayGoodbye(socket, data, cutOff);
        counts.ended++;
        if (word) {
          counts.answered++;
          counts.answers.set(socket, word);
        }
      } catch {
        if (cutOff.aborted) counts.aborted++;
        else counts.failed++;
      }
    }),
  );
  return counts;
}

/** Some cannot be told why: they have ended already, are plain, take less. */
async function sayGoodbye(
  socket: Socket,
  data: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  if (signal.aborted) {
    socket.resetAndDestroy();
    throw signal.reason;
  }
  if (data && socket.takesLastWord(data.length)) {
    return socket.disconnect(data, { signal });
  }
  return socket.disconnect(undefined, { signal });
}
