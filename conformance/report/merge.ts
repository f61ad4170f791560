import { differences } from './compare.js';
import {
  MERGED_FORMAT,
  REPORT_VERSION,
  type JsonReport,
  type MergedReport,
} from './types.js';

/**
 * Several reports as one; those with the same name are numbered.
 *
 * @param expected names that have to have a report.
 */
export function mergeReports(
  reports: readonly JsonReport[],
  goodbyte: string,
  expected: readonly string[] = [],
): MergedReport {
  const seen = new Map<string, number>();
  const named = reports.map((report) => {
    const count = (seen.get(report.name) ?? 0) + 1;
    seen.set(report.name, count);
    return count === 1
      ? report
      : { ...report, name: `${report.name} (${count})` };
  });
  return {
    format: MERGED_FORMAT,
    version: REPORT_VERSION,
    goodbyte,
    reports: named,
    differences: differences(named),
    absent: expected.filter((name) => !seen.has(name)),
  };
}
