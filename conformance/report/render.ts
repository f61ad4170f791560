import { caseName } from '../scenario/expand.js';
import { coloursFor, type Colours } from './colours.js';
import { githubReport } from './github.js';
import { htmlReport } from './html.js';
import { junitReport } from './junit.js';
import { mergedTable } from './merged-table.js';
import type { JsonReport, MergedReport } from './types.js';
import { TableReport } from './table.js';
import { tapReport } from './tap.js';
import { plainJson } from './text.js';

export const reportFormats = [
  'console',
  'tap',
  'tap13',
  'junit',
  'json',
  'html',
  'github',
] as const;

export type ReportFormat = (typeof reportFormats)[number];

/** The report as a text of a format. */
export function renderReport(
  format: ReportFormat,
  report: JsonReport | MergedReport,
  colours: Colours = coloursFor({}),
): string {
  const merged = 'reports' in report;
  const reports = merged ? report.reports : [report];
  const absent = (merged && report.absent) || [];
  switch (format) {
    case 'tap':
      return tapReport(reports, { absent });
    case 'tap13':
      return tapReport(reports, { absent, version: 13 });
    case 'junit':
      return junitReport(reports, absent);
    case 'github':
      return githubReport(reports, absent);
    case 'json':
      return `${plainJson(report)}\n`;
    case 'html':
      return htmlReport(reports, absent);
    case 'console':
    default:
      return 'reports' in report
        ? mergedTable(report, colours)
        : table(report, colours);
  }
}

function table(report: JsonReport, colours: Colours): string {
  let text = '';
  const made = new TableReport(colours, (more) => {
    text += more;
  });
  made.begin(
    tableTitle(report),
    report.runs.map((run) => ({
      scenario: caseName(run),
      order: run.order,
      indication: run.indication ?? '',
    })),
  );
  for (const run of report.runs) made.run(run);
  made.end(report);
  return text;
}

/** The first lines of a table: versions, client and server. */
export function tableTitle(report: {
  goodbyte: string;
  node: string;
  runtime?: string;
  client: { description: string } | null;
  server: { description: string } | null;
}): string[] {
  const { goodbyte, node, runtime, client, server } = report;
  return [
    `${goodbyte} on ${runtime ?? `Node ${node}`}`,
    `client  ${client?.description ?? 'none'}`,
    `server  ${server?.description ?? 'none'}`,
  ];
}
