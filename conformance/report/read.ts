import { readFileSync } from 'node:fs';
import { packageFile } from '../package-file.js';
import { validate, type Schema } from '../schema.js';
import { readText } from '../text-file.js';
import {
  MERGED_FORMAT,
  REPORT_FORMAT,
  REPORT_VERSION,
  type JsonReport,
  type MergedReport,
} from './types.js';

/** A file that is not a report, with the reason. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
}

/** Most problems named in an error. */
const NAMED = 5;

let schema: Schema | undefined;

function reportSchema(): Schema {
  schema ??= JSON.parse(
    readFileSync(packageFile('conformance', 'report.schema.json'), 'utf8'),
  ) as Schema;
  return schema;
}

/**
 * The report in a file, or the reports of one that was merged.
 *
 * @throws {ReportError} it cannot be read, or is not a report.
 */
export function readReports(file: string): JsonReport[] {
  let value: unknown;
  try {
    value = JSON.parse(readText(file));
  } catch (error) {
    throw new ReportError(`${file}: ${(error as Error).message}`);
  }
  const { format, version } = (value ?? {}) as Partial<JsonReport>;
  const merged = (format as string) === MERGED_FORMAT;
  if (format !== REPORT_FORMAT && !merged) {
    throw new ReportError(
      `${file}: not a report of "goodbyte conformance run --report json"`,
    );
  }
  if (version !== REPORT_VERSION) {
    throw new ReportError(
      `${file}: is in version ${String(version)} of the format, ` +
        `this goodbyte reads version ${REPORT_VERSION}`,
    );
  }
  // Only for the format that it claims: problems with the other one would
  // confuse.
  const { $defs = {} } = reportSchema();
  const root = { $ref: `#/$defs/${merged ? 'merged' : 'report'}`, $defs };
  const problems = validate(value, root);
  if (problems.length > 0) {
    throw new ReportError(
      `${file}: not a valid report:\n  ` +
        problems.slice(0, NAMED).join('\n  '),
    );
  }
  const reports = merged
    ? (value as MergedReport).reports
    : [value as JsonReport];
  for (const { runs, scenarios } of reports) {
    const stray = runs.find((run) => !Object.hasOwn(scenarios, run.scenario));
    if (stray) {
      throw new ReportError(
        `${file}: tells of a run of ${stray.scenario}, but not of that scenario`,
      );
    }
  }
  return reports;
}
