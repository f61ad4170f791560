import type { JsonReport } from '../conformance/report/types.js';
import { readReports, ReportError } from '../conformance/report/read.js';
import { UsageError } from './usage-error.js';

/**
 * The reports in a file.
 *
 * @throws {UsageError} it is not a report.
 */
export function readReportFile(file: string): JsonReport[] {
  try {
    return readReports(file);
  } catch (error) {
    if (error instanceof ReportError) throw new UsageError(error.message);
    throw error;
  }
}
