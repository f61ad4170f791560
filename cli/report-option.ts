import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { coloursFor } from '../conformance/report/colours.js';
import type { JsonReport, MergedReport } from '../conformance/report/types.js';
import {
  renderReport,
  reportFormats,
  type ReportFormat,
} from '../conformance/report/render.js';
import { plain } from '../conformance/report/text.js';
import type { Io } from './io.js';
import { UsageError } from './usage-error.js';

/** The options by which reports are chosen. */
export const reportOptions = {
  report: { type: 'string', multiple: true },
  json: { type: 'boolean' },
} as const;

/** A requested report: on stdout, or in a file. */
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

/** Checks before a run that its report can be written. */
function prepare(format: string, file: string): void {
  try {
    makeFolder(path.dirname(file));
    const found = statSync(file, { throwIfNoEntry: false });
    if (found?.isDirectory()) throw new Error(`${file} is a folder`);
    // Opening a pipe without a reader would block.
    if (found && !found.isFile()) accessSync(file, constants.W_OK);
    else closeSync(openSync(file, 'a'));
    if (!found) rmSync(file);
  } catch (error) {
    throw new UsageError(`--report ${format}: ${(error as Error).message}`);
  }
}

/**
 * Makes a folder and those above it, one at a time: Node's `recursive` may not
 * return where one cannot be made.
 */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const above = path.dirname(folder);
  if (above !== folder) makeFolder(above);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another run may have made it.
    if (!existsSync(folder)) throw error;
  }
}

/**
 * Writes reports to stdout and to files: all of them, even if one cannot be
 * written.
 *
 * @returns whether all could be written; stderr names those that could not.
 */
export function writeReports(
  wanted: readonly WantedReport[],
  report: JsonReport | MergedReport,
  { stdout, stderr, env }: Io,
): boolean {
  let written = true;
  for (const { format, path: file } of wanted) {
    if (file === undefined) {
      stdout.write(renderReport(format, report, coloursFor(stdout, env)));
      continue;
    }
    try {
      writeFileSync(file, renderReport(format, report));
    } catch (error) {
      const { message } = error as Error;
      stderr.write(`goodbyte: --report ${format}: ${plain(message)}\n`);
      written = false;
    }
  }
  return written;
}
