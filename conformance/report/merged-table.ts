import { caseName } from '../scenario/expand.js';
import { exitCodeOf, verdictLevels } from './summary.js';
import type { JsonReport, MergedReport } from './types.js';
import type { Colours } from './colours.js';
import { casesMissing } from './compare.js';
import { describePair } from './diff-table.js';
import { namesOfCases } from './not-run.js';
import { indented, oneLine } from './text.js';

/** Several reports side by side, for a terminal: counts, then differences. */
export function mergedTable(merged: MergedReport, colours: Colours): string {
  const { reports, differences, absent = [] } = merged;
  const { strong, quiet, doubtful, bad } = colours;
  const lines = [
    strong('goodbyte conformance, merged'),
    '',
    ...reports.map((report) => summaryLine(report, colours)),
    ...absent.map(
      (name) => `${bad('ABSENT')}  ${oneLine(name)}: no report of it`,
    ),
    '',
  ];
  const missing = casesMissing(reports);
  for (const [index, cases] of missing.entries()) {
    if (cases.length === 0 || reports[index]!.broken) continue;
    const name = oneLine(reports[index]!.name);
    lines.push(
      quiet(`${name} did not run ${cases.length} cases of the others:`),
    );
    lines.push(...namesOfCases(cases).map((line) => `    ${oneLine(line)}`));
  }
  if (differences.length === 0) lines.push(agreement(merged, missing, colours));
  for (const difference of differences) {
    lines.push(doubtful(`differs  ${oneLine(caseName(difference))}`));
    difference.verdicts.forEach((pair, index) => {
      const name = oneLine(reports[index]!.name);
      if (pair === null) return;
      lines.push(`    ${describePair(pair)}  ${quiet(name)}`);
    });
  }
  return `${lines.join('\n')}\n`;
}

/** The extent to which the others agree. */
function agreement(
  { reports, absent = [] }: MergedReport,
  missing: readonly unknown[][],
  { good, bad }: Colours,
): string {
  const lacking = [
    ...absent.map((name) => `${name} (absent)`),
    ...reports.flatMap(({ name, broken, runs }) => {
      if (broken) return [`${name} (partial)`];
      return runs.length === 0 ? [`${name} (nothing ran)`] : [];
    }),
  ].map(oneLine);
  if (lacking.length > 0) {
    return bad(
      `Not all can be compared: ${lacking.join(', ')}. ` +
        'Nothing differs in what was run.',
    );
  }
  return good(
    missing.some((cases) => cases.length > 0)
      ? 'All say the same of every case that they have in common.'
      : 'All say the same of every case.',
  );
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
