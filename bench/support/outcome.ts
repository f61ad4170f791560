import type { Contender } from './contender.js';

/** One figure of one run, by its name: `rate`, `cpu`, … */
export type Figures = Record<string, number>;

/** The outcome of a contender. */
export interface Outcome {
  readonly contender: Contender;
  /** One for each run. */
  readonly runs: Figures[];
  /** Why it is not available here. */
  notRun?: string;
  /** Why it failed. */
  broke?: string;
}

/** Thrown if a contender cannot run here: reported, but not a failure. */
export class NotRun extends Error {
  override readonly name = 'NotRun';
}

/** Does one more run, unless an earlier one failed. */
export async function attempt(
  outcome: Outcome,
  run: () => Promise<Figures | undefined>,
): Promise<void> {
  if (outcome.notRun !== undefined || outcome.broke !== undefined) return;
  try {
    const figures = await run();
    if (figures) outcome.runs.push(figures);
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof NotRun) outcome.notRun = message;
    else outcome.broke = message;
  }
}
