import { packageVersion } from '../conformance/agent/agent.js';
import { mergeReports } from '../conformance/report/merge.js';
import { ExitCode, exitCodeOf } from '../conformance/report/summary.js';
import type { Io } from './io.js';
import { reportOptions, wantedReports, writeReports } from './report-option.js';
import { readReportFile } from './report-files.js';
import { parseWithFiles, UsageError } from './usage-error.js';

/** `goodbyte conformance merge` */
export function mergeCommand(args: readonly string[], io: Io): number {
  const { values, files } = parseWithFiles(args, {
    ...reportOptions,
    expect: { type: 'string', multiple: true },
  });
  const { expect = [] } = values;
  if (files.length + expect.length === 0) {
    throw new UsageError('merge takes the files of one or more reports');
  }
  const wanted = wantedReports(values);
  const merged = mergeReports(
    files.flatMap(readReportFile),
    packageVersion(),
    expect,
  );
  if (!writeReports(wanted, merged, io)) return ExitCode.harnessBroke;
  const codes = merged.reports.map(({ summary }) => exitCodeOf(summary));
  if (codes.length > 0 && merged.absent?.length) return ExitCode.failed;
  return codes.every((code) => code === ExitCode.nothingRan)
    ? ExitCode.nothingRan
    : Number(codes.some((code) => code !== ExitCode.passed));
}
