import type { StepResult } from '../protocol/messages.js';
import type { Role } from '../scenario/types.js';

/** An event of a run, as the runner saw it. */
export type TranscriptEntry = {
  /** Milliseconds since the run began. */
  at: number;
  agent: Role;
} & (
  | {
      kind: 'step';
      step: string;
      call: string;
      /** The call's arguments, long data cut; absent without arguments. */
      with?: Record<string, unknown>;
    }
  | { kind: 'result'; step: string; result: StepResult }
  | { kind: 'unsupported'; step: string; what: string }
  | { kind: 'indication'; socket: string; event: string; error: string | null }
  | { kind: 'lost'; step: string; why: string }
);

/** Most octets of a result's data in a transcript. */
const KEPT = 256;

/** Most items of a list. */
const MOST = 64;

/** The events of a run, with their times. */
export class Transcript {
  readonly entries: TranscriptEntry[] = [];
  readonly #started = performance.now();

  get elapsed(): number {
    return Math.round((performance.now() - this.#started) * 1000) / 1000;
  }

  add(entry: WithoutTime<TranscriptEntry>): void {
    this.entries.push({ at: this.elapsed, ...entry });
  }

  /** Adds the reason to a lost step. */
  explain(step: string, why: string): void {
    for (const entry of this.entries) {
      if (entry.kind === 'lost' && entry.step === step) entry.why = why;
    }
  }

  count(agent: Role, socket: string, event: string): number {
    return this.entries.filter(
      (entry) =>
        entry.kind === 'indication' &&
        entry.agent === agent &&
        entry.socket === socket &&
        entry.event === event,
    ).length;
  }
}

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;

function cut(hex: string): string {
  return hex.length > 2 * KEPT ? `${hex.slice(0, 2 * KEPT)}…` : hex;
}

/** A result with its long data cut. */
export function shortened(result: StepResult): StepResult {
  const {
    type: _,
    seq: __,
    ...told
  } = result as StepResult & {
    type?: unknown;
    seq?: unknown;
  };
  return cutAll(told) as unknown as StepResult;
}

/** A call's arguments, with long data cut. */
export function shortenedGiven(
  given: Record<string, unknown>,
): Record<string, unknown> {
  return cutAll(given);
}

function cutAll(members: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, cutValue(value)]),
  );
}

function cutValue(value: unknown): unknown {
  if (typeof value === 'string') return cut(value);
  if (Array.isArray(value)) return value.slice(0, MOST).map(cutValue);
  return typeof value === 'object' && value !== null ? cutAll(value) : value;
}
