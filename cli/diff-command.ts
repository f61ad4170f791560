import { coloursFor } from '../conformance/report/colours.js';
import { changes } from '../conformance/report/compare.js';
import { diffTable } from '../conformance/report/diff-table.js';
import type { JsonReport } from '../conformance/report/types.js';
import { ExitCode } from '../conformance/report/summary.js';
import { plainJson } from '../conformance/report/text.js';
import type { Io } from './io.js';
import { readReportFile } from './report-files.js';
import { parseWithFiles, UsageError } from './usage-error.js';

/** `goodbyte conformance diff` */
export function diffCommand(
  args: readonly string[],
  { stdout, env }: Io,
): number {
  const { values, files } = parseWithFiles(args, { json: { type: 'boolean' } });
  if (files.length !== 2) {
    throw new UsageError(
      `diff takes the files of two reports, not ${files.length}`,
    );
  }
  const [before, after] = files.map(readOne) as [JsonReport, JsonReport];
  const found = changes(before, after);
  stdout.write(
    values.json
      ? `${plainJson(found, 2)}\n`
      : diffTable(found, coloursFor(stdout, env)),
  );
  return found.length === 0 ? ExitCode.passed : ExitCode.failed;
}

function readOne(file: string): JsonReport {
  const [report, ...others] = readReportFile(file);
  if (!report || others.length > 0) {
    throw new UsageError(
      `${file}: is a merged report; diff compares two of a single run`,
    );
  }
  return report;
}
