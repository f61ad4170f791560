import { caseName } from '../scenario/expand.js';
import type { Broken } from '../runner/result.js';
import { isFailure, type Finding } from '../runner/verdict.js';
import type { VerdictLevel } from '../scenario/types.js';
import type { Colours } from './colours.js';
import type { JsonReport, ReportedRun } from './types.js';
import { namesOfCases } from './not-run.js';
import {
  clauseLabel,
  describeFinding,
  headOf,
  indented,
  oneLine,
  plain,
} from './text.js';
import { verdictLevels } from './summary.js';
import type { Summary } from './types.js';

/** A cell: its text, and its style once padded. */
interface Cell {
  text: string;
  paint?: ((text: string) => string) | undefined;
  right?: boolean;
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

function longest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => oneLine(text).length));
}

export interface TableOptions {
  /** Columns of the terminal: long names and commands are cut to fit. */
  readonly columns?: number | undefined;
  /** Only failures, and the counts. */
  readonly quiet?: boolean | undefined;
}

/** The minimum width of a column. */
const NARROWEST = 12;

/** A report for a person at a terminal. */
export class TableReport {
  readonly #colours: Colours;
  readonly #write: (text: string) => void;
  #widths: number[] = [];
  #lastScenario: string | undefined;
  readonly #options: TableOptions;
  /** Findings of the case that is being printed: its orders mostly agree. */
  readonly #shown = new Set<string>();
  /** Orders that failed, by case and finding. */
  readonly #failed = new Map<string, string[]>();
  /** Whether anything was printed after them. */
  #isBehind = false;

  constructor(
    colours: Colours,
    write: (text: string) => void,
    options: TableOptions = {},
  ) {
    this.#colours = colours;
    this.#write = write;
    this.#options = options;
  }

  /**
   * @param title lines; the first one follows the program's name.
   * @param rows the planned runs, so that the columns fit from the start.
   */
  begin(title: readonly string[], rows: readonly PlannedRow[]): void {
    this.#widths = [
      longest(['scenario', ...rows.map(({ scenario }) => scenario)]),
      longest(['order', ...rows.map(({ order }) => order)]),
      longest(['indication', ...rows.map(({ indication }) => indication)]),
      longest(['data', ...verdictLevels]),
      longest(['teardown', ...verdictLevels]),
      10,
    ];
    this.#fit();
    if (this.#options.quiet) return;
    const { strong, quiet } = this.#colours;
    const { columns = Infinity } = this.#options;
    const [first = '', ...more] = title.map((line) =>
      cut(oneLine(line), columns),
    );
    this.#write(`${strong('goodbyte conformance')}  ${quiet(first)}\n`);
    for (const line of more) this.#write(`${quiet(line)}\n`);
    this.#write('\n');
    this.#row(
      ['scenario', 'order', 'indication', 'data', 'teardown', 'time'].map(
        (text, index) => ({ text, paint: strong, right: index === 5 }),
      ),
    );
    this.#write(
      `${quiet(this.#widths.map((width) => '─'.repeat(width)).join('──'))}\n`,
    );
  }

  /** Cuts the columns of names, the wider one first. */
  #fit(): void {
    const { columns } = this.#options;
    if (columns === undefined) return;
    const between = 2 * (this.#widths.length - 1);
    let over = this.#widths.reduce((sum, one) => sum + one, between) - columns;
    while (over > 0) {
      const widest = this.#widths[0]! >= this.#widths[1]! ? 0 : 1;
      if (this.#widths[widest]! <= NARROWEST) return;
      this.#widths[widest]! -= 1;
      over -= 1;
    }
  }

  run(run: ReportedRun): void {
    const scenario = caseName(run);
    const isFailed =
      isFailure(run.verdict, false) && run.knownFailure === undefined;
    if (isFailed) {
      const [finding] = run.findings;
      const head = finding ? oneLine(headOf(finding)) : run.verdict;
      const key = `${oneLine(scenario)}  ${head}`;
      this.#failed.set(key, [...(this.#failed.get(key) ?? []), run.order]);
      this.#isBehind = false;
    } else if (this.#options.quiet) {
      return;
    } else if (this.#failed.size > 0) {
      this.#isBehind = true;
    }
    const again = scenario === this.#lastScenario;
    this.#lastScenario = scenario;
    if (!again) this.#shown.clear();
    const { quiet } = this.#colours;
    this.#row([
      { text: again ? '' : scenario },
      { text: run.order, paint: run.mode === 'free' ? quiet : undefined },
      { text: run.indication ?? '' },
      this.#verdict(run.data),
      this.#verdict(run.teardown),
      { text: `${run.milliseconds.toFixed(1)} ms`, paint: quiet, right: true },
    ]);
    for (const finding of run.findings) this.#finding(finding);
    if (run.knownFailure !== undefined && run.findings.length > 0) {
      this.#write(
        `    ${this.#colours.doubtful('known to fail')}  ${oneLine(run.knownFailure)}\n`,
      );
    }
    for (const warning of run.warnings) {
      this.#write(
        `    ${this.#colours.doubtful('warning')}  ${oneLine(warning)}\n`,
      );
    }
  }

  end({ summary, milliseconds, ...report }: JsonReport): void {
    const { bad, doubtful, quiet } = this.#colours;
    if (this.#isBehind || this.#failed.size > 1) {
      for (const [what, orders] of this.#failed) {
        const [order = ''] = orders;
        const where = orders.length > 1 ? `in ${orders.length} runs` : order;
        this.#write(
          `\n${bad('failed')}  ${what}${where && `, ${oneLine(where)}`}`,
        );
      }
      this.#write('\n');
    }
    for (const name of report.sampled) {
      this.#write(
        `\n${doubtful('sampled')}  ${oneLine(name)}: not every order was forced ` +
          `(--seed ${report.seed} repeats this)`,
      );
    }
    for (const pass of report.unexpectedPasses) {
      this.#write(
        `\n${bad('unexpected pass')}  ${oneLine(caseName(pass))}: known to fail ` +
          `(${oneLine(pass.reason)}), but no run of it did`,
      );
    }
    for (const line of report.staleKnownFailures ?? []) {
      this.#write(
        `\n${bad('stale')}  ${oneLine(line)}: known to fail, but no ` +
          'case matches',
      );
    }
    if (report.broken) this.#broken(report.broken);
    this.#write(
      `\n${this.#counts(summary)}  ` +
        `${quiet(`in ${(milliseconds / 1000).toFixed(2)} s`)}\n`,
    );
  }

  #broken({ why, notRun }: Broken): void {
    const { bad } = this.#colours;
    for (const line of namesOfCases(notRun)) {
      this.#write(`\n${bad('not run')}  ${oneLine(line)}`);
    }
    this.#write(`\n${bad('broken off')}  ${indented(why)}\n`);
  }

  #counts(summary: Summary): string {
    const { good, bad, doubtful } = this.#colours;
    const parts = verdictLevels
      .filter((level) => summary[level] > 0)
      .map((level) => this.#paint(level)(`${summary[level]} ${level}`));
    if (summary.known > 0) {
      parts.push(doubtful(`${summary.known} of them known to fail`));
    }
    if (summary.notRun) parts.push(bad(`${summary.notRun} not run`));
    return summary.runs === 0
      ? bad(['nothing ran', ...parts].join(', '))
      : `${good(`${summary.runs} runs`)}: ${parts.join(', ')}`;
  }

  #row(cells: readonly Cell[]): void {
    const line = cells
      .map(({ text: given, paint, right }, index) => {
        const width = this.#widths[index]!;
        const text = cut(oneLine(given), width);
        const padded = right ? text.padStart(width) : text.padEnd(width);
        return paint ? paint(padded) : padded;
      })
      .join('  ');
    this.#write(`${line.trimEnd()}\n`);
  }

  #verdict(verdict: VerdictLevel | null): Cell {
    return verdict === null
      ? { text: '–', paint: this.#colours.quiet }
      : { text: verdict, paint: this.#paint(verdict) };
  }

  #paint(verdict: VerdictLevel): (text: string) => string {
    const { good, bad, doubtful } = this.#colours;
    if (verdict === 'OK') return good;
    return verdict === 'FAILED' ? bad : doubtful;
  }

  #finding(finding: Finding): void {
    const { source, section, sentence } = finding.clause;
    const { strong, quiet } = this.#colours;
    const head = this.#paint(finding.verdict)(oneLine(headOf(finding)));
    const text = describeFinding(finding);
    if (this.#shown.has(text)) {
      this.#write(`    ${head}, as above\n`);
      return;
    }
    this.#shown.add(text);
    this.#write(
      `    ${head}\n` +
        `      ${clauseLabel(finding)}    ${strong(oneLine(`${source}, ${section}`))}\n` +
        `                ${quiet(oneLine(`"${sentence}"`))}\n` +
        `      expected  ${oneLine(finding.expected)}\n` +
        `      actual    ${plain(finding.got).replaceAll('\n', '\n                ')}\n` +
        (finding.why === undefined
          ? ''
          : `      known     ${oneLine(finding.why)}\n`),
    );
  }
}

export interface PlannedRow {
  scenario: string;
  order: string;
  indication: string;
}
