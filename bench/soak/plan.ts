// The plan of one session, made from its seed.
import { Random } from '../support/random.js';

/** How a side reads. */
export const readers = [
  'flowing',
  /** Pauses after each of its first pieces. */
  'slow',
  /** Reads nothing for some milliseconds. */
  'late',
  'readable',
  'for-await',
] as const;
export type Reader = (typeof readers)[number];

/** How a side ends if it does not wait for its peer. */
export const openings = [
  'disconnect',
  /** `end()`: without a word. */
  'end',
  /** Queued writes, the word, and `destroy()` in one tick. */
  'disconnect-destroy',
  /** Queued writes and `destroy()`. */
  'destroy',
] as const;

/** How a side ends if it waits for its peer's last word. */
export const replies = [
  'answer',
  'answer-later',
  /** Writes while its answer is being made. */
  'answer-behind-writes',
  /** Answers in the listener of 'disconnect'. */
  'disconnect-at-once',
  /** Half-open: answers when it has read to the end. */
  'disconnect-later',
  /** Ends automatically, without a word. */
  'automatic',
  /** Sets an answer, and destroys in the listener of 'disconnect'. */
  'answer-destroy',
] as const;

export type Opening = (typeof openings)[number];
export type Reply = (typeof replies)[number];

export interface SidePlan {
  /** Octets of each write. */
  readonly writes: readonly number[];
  /** Octets written while the answer is being made. */
  readonly lateWrite: number;
  readonly reader: Reader;
  /** Milliseconds that the reader waits, each time. */
  readonly wait: number;
  readonly ending: Opening | Reply | 'abort';
  /** Milliseconds until one side ends on its own. */
  readonly delay: number;
  readonly word: number;
}

export interface RelayPlan {
  /** Octets in the longest segment. */
  readonly segment: number;
  /** Longest delay of a segment, in milliseconds. */
  readonly delay: number;
}

export type SessionMedium = 'tcp' | 'unix' | 'tls';

export interface Plan {
  readonly seed: number;
  readonly medium: SessionMedium;
  readonly relay: RelayPlan | undefined;
  /** The caller's and the server's. */
  readonly highWaterMark: number;
  readonly serverHighWaterMark: number;
  readonly caller: SidePlan;
  readonly callee: SidePlan;
}

/** 0 keeps Node's. */
export const highWaterMarks = [0, 1, 64, 4096] as const;

export function planOf(seed: number): Plan {
  const random = new Random(seed);
  const medium = random.of([
    'tcp',
    'tcp',
    'tcp',
    'unix',
    'unix',
    'tls',
  ] as const);
  const relay = random.chance(0.5)
    ? {
        segment: random.of([1, 7, 100, 1448, 65_536]),
        delay: random.of([0, 0, 1, 3]),
      }
    : undefined;
  // Single octets: only few can be sent.
  const scale = relay ? Math.min(relay.segment * 200, 2 ** 22) : 2 ** 23;
  const opens = random.below(3);
  const aborts = random.chance(0.08) ? random.below(2) : -1;
  const side = (index: number): SidePlan => {
    const isFirst = opens === 2 || opens === index;
    return {
      writes: Array.from({ length: random.below(6) }, () =>
        writeLength(random, scale),
      ),
      lateWrite: 1 + random.below(Math.min(scale, 300_000)),
      reader: random.of(readers),
      wait: 1 + random.below(8),
      ending:
        aborts === index
          ? 'abort'
          : random.of<Opening | Reply>(isFirst ? openings : replies),
      delay: random.of([0, 0, 0, 1, 5]),
      word: random.of([0, 1, 20, 20, 20, 4000]),
    };
  };
  return {
    seed,
    medium,
    relay,
    highWaterMark: random.of(highWaterMarks),
    serverHighWaterMark: random.of(highWaterMarks),
    caller: side(0),
    callee: side(1),
  };
}

function writeLength(random: Random, scale: number): number {
  const most = random.chance(0.04) ? scale : Math.min(scale, 100_000);
  return Math.ceil(most ** random.next());
}

export function isOpening(side: SidePlan): boolean {
  return (
    side.ending === 'abort' ||
    (openings as readonly string[]).includes(side.ending)
  );
}

/** Describes a plan in one line, for readers of a failure. */
export function describe(plan: Plan): string {
  const { medium, relay, highWaterMark, serverHighWaterMark } = plan;
  const via = relay
    ? ` by a relay (segments of ${relay.segment}, ${relay.delay} ms)`
    : '';
  return `${medium}${via}; ${describeSide('caller', plan.caller, highWaterMark)}; ${describeSide('callee', plan.callee, serverHighWaterMark)}`;
}

function describeSide(name: string, side: SidePlan, mark: number): string {
  const { ending, reader, writes, word } = side;
  return `${name}: ${ending}, reads ${reader}, writes [${writes.join(' ')}], word of ${word}, highWaterMark ${mark || 'as it is'}`;
}
