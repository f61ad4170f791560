// The plan of one session, by its seed.
import { Random } from '../support/random.js';

/** How a side reads. */
export const readers = [
  'flowing',
  /** Pauses behind each of its first pieces. */
  'slow',
  /** Reads nothing for some milliseconds. */
  'late',
  'readable',
  'for-await',
] as const;
export type Reader = (typeof readers)[number];

/** How a side ends that does not wait for the other one. */
export const openings = [
  'disconnect',
  /** `end()`: without a word. */
  'end',
  /** Queued writes, the word, and `destroy()` in one tick. */
  'disconnect-destroy',
  /** Queued writes and `destroy()`. */
  'destroy',
] as const;

/** How a side ends that waits for the last word of the other one. */
export const replies = [
  'answer',
  'answer-later',
  /** It writes while its answer is being made. */
  'answer-behind-writes',
  /** In the listener of 'disconnect'. */
  'disconnect-at-once',
  /** Half-open: when it has read to the end. */
  'disconnect-later',
  /** By the automatic end, without a word. */
  'automatic',
  /** An answer is set, and the listener of 'disconnect' destroys. */
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
  /** Milliseconds until an opening. */
  readonly delay: number;
  readonly word: number;
}

export interface RelayPlan {
  /** Octets of the longest segment. */
  readonly segment: number;
  /** Milliseconds that one may wait. */
  readonly delay: number;
}

export type SessionMedium = 'tcp' | 'unix' | 'tls';

export interface Plan {
  readonly seed: number;
  readonly medium: SessionMedium;
  readonly relay: RelayPlan | undefined;
  /** Of the caller, and of the server. */
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
  // Octet by octet, there must be few.
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

/** In one line, for whoever looks into what went wrong. */
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
