import type { Broken } from '../runner/result.js';
import { isFailure } from '../runner/verdict.js';
import type { VerdictLevel } from '../scenario/types.js';
import type { ReportedRun, Summary, UnexpectedPass } from './types.js';

export const verdictLevels = [
  'OK',
  'INFORMATIONAL',
  'NON-STRICT',
  'UNIMPLEMENTED',
  'FAILED',
] as const satisfies readonly VerdictLevel[];

/** The number of runs with each verdict. */
export function summarize(
  runs: readonly ReportedRun[],
  options: {
    strict?: boolean;
    unexpectedPasses?: readonly UnexpectedPass[];
    stale?: readonly string[];
    broken?: Broken | undefined;
  } = {},
): Summary {
  const { strict = false, unexpectedPasses = [], broken } = options;
  const { stale = [] } = options;
  const summary = { runs: runs.length } as Summary;
  for (const level of verdictLevels) {
    summary[level] = runs.filter(({ verdict }) => verdict === level).length;
  }
  const failed = runs.filter(({ verdict }) => isFailure(verdict, strict));
  summary.known = failed.filter((run) => run.knownFailure !== undefined).length;
  summary.failures =
    failed.length - summary.known + unexpectedPasses.length + stale.length;
  if (broken) summary.notRun = broken.notRun.length;
  return summary;
}

export const ExitCode = {
  passed: 0,
  failed: 1,
  usage: 2,
  nothingRan: 3,
  harnessBroke: 64,
} as const;

export function exitCodeOf({ runs, failures, notRun }: Summary): number {
  if (notRun !== undefined) return ExitCode.harnessBroke;
  if (runs === 0) return ExitCode.nothingRan;
  return failures > 0 ? ExitCode.failed : ExitCode.passed;
}
