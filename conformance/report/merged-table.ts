import { caseName } from '../scenario/expand.js';
import { exitCodeOf, verdictLevels } from './summary.js';
import { type JsonReport, type MergedReport } from './model.js';
import type { Colours } from './colours.js';
import { describePair } from './diff-table.js';
import { namesOfCases } from './not-run.js';
import { indented, oneLine } from './text.js';

/** Several reports side by side, for a terminal: counts, then differences. */
export function mergedTable(
  { reports, differences }: MergedReport,
  colours: Colours,
): string {
  const { strong, quiet, doubtful, good } = colours;
  const lines = [
    strong('goodbyte conformance, merged'),
    '',
    ...reports.map((report) => summaryLine(report, colours)),
    '',
  ];
  if (differences.length === 0) {
    lines.push(good('All say the same of every case.'));
  }
  for (const difference of differences) {
    lines.push(doubtful(`differs  ${oneLine(caseName(difference))}`));
    difference.verdicts.forEach((pair, index) => {
      const name = oneLine(reports[index]!.name);
      lines.push(`    ${describePair(pair)}  ${quiet(name)}`);
    });
  }
  return `${lines.join('\n')}\n`;
}

function summaryLine(report: JsonReport, colours: Colours): string {
  const { name, summary, broken } = report;
  const parts = verdictLevels
    .filter((level) => summary[level] > 0)
    .map((level) => `${summary[level]} ${level}`);
  const word =
    exitCodeOf(summary) === 0
      ? colours.good('passed')
      : colours.bad(broken ? 'PARTIAL' : 'FAILED');
  const left = broken
    ? [
        '',
        `    broken off: ${indented(broken.why)}`,
        ...namesOfCases(broken.notRun).map(
          (line) => `    not run  ${oneLine(line)}`,
        ),
      ].join('\n')
    : '';
  return (
    `${word}  ${oneLine(name)}: ` +
    (summary.runs === 0
      ? 'nothing ran'
      : `${summary.runs} runs, ${parts.join(', ')}`) +
    left
  );
}
