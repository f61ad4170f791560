import type { RunResult } from '../runner/result.js';
import type { VerdictLevel } from '../scenario/types.js';

export const verdictLevels = [
  'OK',
  'INFORMATIONAL',
  'NON-STRICT',
  'UNIMPLEMENTED',
  'FAILED',
] as const satisfies readonly VerdictLevel[];

export type Summary = Record<VerdictLevel, number> & { runs: number };

/** How many runs came to which verdict. */
export function summarize(runs: readonly RunResult[]): Summary {
  const summary = { runs: runs.length } as Summary;
  for (const level of verdictLevels) {
    summary[level] = runs.filter(({ verdict }) => verdict === level).length;
  }
  return summary;
}

export const ExitCode = {
  passed: 0,
  failed: 1,
  usage: 2,
  nothingRan: 3,
  harnessBroke: 64,
} as const;

/** @param strict NON-STRICT counts as a failure too. */
export function exitCodeOf(summary: Summary, strict = false): number {
  if (summary.runs === 0) return ExitCode.nothingRan;
  const failed = summary.FAILED + (strict ? summary['NON-STRICT'] : 0);
  return failed > 0 ? ExitCode.failed : ExitCode.passed;
}
