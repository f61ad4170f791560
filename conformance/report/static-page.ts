import { runName } from '../scenario/expand.js';
import { isFailure } from '../runner/verdict.js';
import type { JsonReport } from './types.js';
import { verdictLevels } from './summary.js';
import { oneLine } from './text.js';

/** Rows of a table that nobody can fold. */
const MOST = 200;

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Agents' output is text. */
const text = (value: string): string =>
  oneLine(value).replaceAll(/[&<>"']/g, (one) => entities[one]!);

/** The reports for readers without script: counts and failures. */
export function withoutScript(reports: readonly JsonReport[]): string {
  return reports.map(section).join('');
}

function section(report: JsonReport): string {
  const { summary, strict, runs } = report;
  const counts = verdictLevels
    .filter((level) => summary[level] > 0)
    .map((level) => `${summary[level]} ${level}`);
  const failed = runs.filter(
    (run) => isFailure(run.verdict, strict) && run.knownFailure === undefined,
  );
  const rows = failed.slice(0, MOST).map((run) => {
    const [finding] = run.findings;
    const cells = [runName(run), finding?.expected ?? '', finding?.got ?? ''];
    return `<tr>${cells.map((one) => `<td>${text(one)}</td>`).join('')}</tr>`;
  });
  const head = ['Run', 'Expected', 'Actual'];
  const table =
    rows.length === 0
      ? ''
      : `<table class="failures"><tr>${head.map((one) => `<th>${one}</th>`).join('')}</tr>` +
        `${rows.join('')}</table>`;
  const more = failed.length - rows.length;
  return (
    `<h2>${text(report.name)}</h2><p>${summary.runs} runs: ` +
    `${counts.join(', ') || 'nothing ran'}</p>${table}` +
    (more > 0 ? `<p>and ${more} more failures</p>` : '')
  );
}
