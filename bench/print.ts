import type { Measured, Row } from './report.js';
import type { Machine } from './support/machine.js';
import { spreadOf, type Figure } from './support/statistics.js';

/** Prints the results on the console. */
export function print(
  machine: Machine,
  measured: readonly Measured[],
  rows: readonly Row[],
  isTerminal: boolean,
): string {
  const { node, platform, cpu, cores, date } = machine;
  return [
    [`Node ${node}`, platform, cpu, `${cores} cores`, controls(machine), date]
      .filter(Boolean)
      .join(', '),
    '',
    'Measured (medians; ± half the distance between the lowest and the highest run)',
    ...table(measured.flatMap(measuredLines)),
    '',
    'Compared (ratios above 1: ours is better; "unclear": the runs lie too far',
    'apart to say on which side of the bar, or of 1, it is)',
    ...table([
      ['row', 'ours', 'peer', 'unit', 'ratio', 'bar', ''],
      ...rows.map((row) => rowLine(row, isTerminal)),
    ]),
    '',
  ].join('\n');
}

/** `bbr (flows: reno)` */
function controls({ congestionControl, flows }: Machine): string | null {
  return flows === congestionControl
    ? congestionControl
    : `${congestionControl} (flows: ${flows})`;
}

function measuredLines({ name, figures, notRun, broke }: Measured): string[][] {
  const trouble = troubleOf({ notRun, broke });
  if (trouble) return [[name, trouble]];
  return Object.entries(figures).map(([figure, value]) => [
    name,
    figure,
    short(value.median),
    `± ${half(value)}`,
  ]);
}

function half(figure: Figure): string {
  return `${Math.round(spreadOf(figure) * 50)} %`;
}

function rowLine(row: Row, isTerminal: boolean): string[] {
  const trouble = troubleOf(row);
  return [
    row.name,
    short(row.ours),
    short(row.peer),
    row.unit,
    row.ratio?.toFixed(2) ?? '-',
    row.bar === null ? '-' : `≥ ${row.bar.toFixed(2)}`,
    trouble ??
      [verdict(row.met, isTerminal), row.unclear ? 'unclear' : '']
        .filter(Boolean)
        .join(', '),
  ];
}

function verdict(met: boolean | null, isTerminal: boolean): string {
  if (met === null) return '';
  if (!isTerminal) return met ? 'met' : 'missed';
  return met ? '✓' : '✗';
}

function troubleOf({
  notRun,
  broke,
}: Pick<Row, 'notRun' | 'broke'>): string | undefined {
  if (broke !== null) return `BROKE: ${broke.split('\n', 1)[0]}`;
  return notRun === null ? undefined : `not run: ${notRun}`;
}

function short(value: number | null): string {
  if (value === null) return '-';
  return value >= 100
    ? Math.round(value).toLocaleString('en')
    : value.toPrecision(3);
}

/** The last column is not padded. */
function table(lines: readonly string[][]): string[] {
  const widths: number[] = [];
  for (const line of lines) {
    for (const [at, cell] of line.slice(0, -1).entries()) {
      widths[at] = Math.max(widths[at] ?? 0, cell.length);
    }
  }
  return lines.map((line) =>
    line
      .map((cell, at) =>
        at < line.length - 1 ? cell.padEnd(widths[at]!) : cell,
      )
      .join('  ')
      .trimEnd(),
  );
}
