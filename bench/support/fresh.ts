import type { Contender } from './contender.js';
import { attempt, type Figures, type Outcome } from './outcome.js';

/** Measures contenders in turn, A B C, A B C, …, in new processes each time. */
export async function raceFreshly(
  contenders: readonly Contender[],
  runs: number,
  measure: (contender: Contender) => Promise<Figures>,
  progress: (what: string) => void,
): Promise<Outcome[]> {
  const outcomes = contenders.map((contender): Outcome => ({
    contender,
    runs: [],
  }));
  for (let round = 1; round <= runs; round++) {
    progress(`run ${round} of ${runs}`);
    for (const outcome of outcomes) {
      await attempt(outcome, () => measure(outcome.contender));
    }
  }
  return outcomes;
}
