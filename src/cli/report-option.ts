import {
  accessSync,
  constants,
  mkdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { coloursFor } from '../../conformance/report/colours.js';
import type {
  JsonReport,
  MergedReport,
} from '../../conformance/report/model.js';
import {
  renderReport,
  reportFormats,
  type ReportFormat,
} from '../../conformance/report/render.js';
import type { Io } from './io.js';
import { UsageError } from './usage-error.js';

/** The options by which reports are chosen. */
export const reportOptions = {
  report: { type: 'string', multiple: true },
  json: { type: 'boolean' },
} as const;

/** A report that is wanted: on stdout, or in a file. */
export interface WantedReport {
  format: ReportFormat;
  path: string | undefined;
}

const isFormat = (name: string): name is ReportFormat =>
  (reportFormats as readonly string[]).includes(name);

/**
 * The reports that `--report` and `--json` ask for; `console` if nothing does.
 * Folders that their files need are made.
 *
 * @throws {UsageError}
 */
export function wantedReports(options: {
  report?: string[] | undefined;
  json?: boolean | undefined;
}): WantedReport[] {
  const { report = [], json = false } = options;
  if (json && report.length > 0) {
    throw new UsageError('--json is short for --report json: give one of them');
  }
  const asked = report.flatMap((list) => list.split(','));
  if (asked.length === 0) asked.push(json ? 'json' : 'console');
  const wanted = asked.map(parseReport);
  const onStdout = wanted.filter((one) => one.path === undefined);
  if (onStdout.length > 1) {
    const names = onStdout.map(({ format }) => format);
    throw new UsageError(
      `--report: ${names.join(' and ')} cannot both be on stdout; ` +
        `give a file, as in ${names[1]}=FILE`,
    );
  }
  const paths = wanted.flatMap((one) =>
    one.path ? [path.resolve(one.path)] : [],
  );
  const twice = paths.find((one, index) => paths.indexOf(one) !== index);
  if (twice !== undefined) {
    throw new UsageError(`--report: two reports have the same file, ${twice}`);
  }
  return wanted;
}

function parseReport(text: string): WantedReport {
  const [format = '', ...rest] = text.split('=');
  const file = rest.length === 0 ? undefined : rest.join('=');
  if (!isFormat(format)) {
    throw new UsageError(
      `--report takes ${reportFormats.join(', ')}, each with =FILE if it is ` +
        `not for stdout, not "${text}"`,
    );
  }
  if (file === '') throw new UsageError(`--report ${text} names no file`);
  if (file !== undefined) prepare(format, file);
  return { format, path: file };
}

/** Finds out before a run whether there will be a way to write its report. */
function prepare(format: string, file: string): void {
  try {
    const folder = path.dirname(file);
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--report ${format}: ${(error as Error).message}`);
  }
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`--report ${format}: ${file} is a folder`);
  }
}

/**
 * Writes reports to stdout and to files.
 *
 * @throws {UsageError} a file cannot be written.
 */
export function writeReports(
  wanted: readonly WantedReport[],
  report: JsonReport | MergedReport,
  { stdout, env }: Io,
): void {
  for (const { format, path: file } of wanted) {
    if (file === undefined) {
      stdout.write(renderReport(format, report, coloursFor(stdout, env)));
      continue;
    }
    try {
      writeFileSync(file, renderReport(format, report));
    } catch (error) {
      throw new UsageError(`--report ${format}: ${(error as Error).message}`);
    }
  }
}
