import type { StepResult } from '../protocol/messages.js';
import type { Role } from '../scenario/types.js';

/** Something that happened in a run, as the runner saw it. */
export type TranscriptEntry = {
  /** Milliseconds since the run began. */
  at: number;
  agent: Role;
} & (
  | { kind: 'step'; step: string; call: string }
  | { kind: 'result'; step: string; result: StepResult }
  | { kind: 'unsupported'; step: string; what: string }
  | { kind: 'indication'; socket: string; event: string; error: string | null }
  | { kind: 'lost'; step: string; why: string }
);

/** Octets of data that a transcript keeps of a result. */
const KEPT = 256;

/** What happens in a run, with its times. */
export class Transcript {
  readonly entries: TranscriptEntry[] = [];
  readonly #started = performance.now();

  get elapsed(): number {
    return Math.round((performance.now() - this.#started) * 1000) / 1000;
  }

  add(entry: WithoutTime<TranscriptEntry>): void {
    this.entries.push({ at: this.elapsed, ...entry });
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
  return Object.fromEntries(
    Object.entries(result).flatMap(([name, value]: [string, unknown]) => {
      if (name === 'type' || name === 'seq') return [];
      if (typeof value === 'string') return [[name, cut(value)]];
      return Array.isArray(value)
        ? [[name, value.slice(0, 64).map((one) => cut(String(one)))]]
        : [[name, value]];
    }),
  ) as unknown as StepResult;
}
