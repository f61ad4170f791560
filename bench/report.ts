import type { Comparison } from './comparison.js';
import { keyOf, type Contender } from './support/contender.js';
import type { Outcome } from './support/outcome.js';
import { figureOf, spreadOf, type Figure } from './support/statistics.js';

/** One comparison and its result. */
export interface Row {
  name: string;
  what: string;
  unit: string;
  transport: string | null;
  /** The medians. */
  ours: number | null;
  peer: number | null;
  /** Above 1: ours is better. */
  ratio: number | null;
  bar: number | null;
  /** `null` where there is no bar, or nothing was measured. */
  met: boolean | null;
  /**
   * Whether the lowest and the highest ratio of any two runs lie on both sides of
   * the bar, or of 1 where there is no bar: then the row says nothing.
   */
  unclear: boolean;
  runs: number;
  /** The distances from the lowest run to the highest, as parts of the medians. */
  spread: { ours: number; peer: number } | null;
  notRun: string | null;
  broke: string | null;
}

/** The measurements of a contender. */
export interface Measured {
  name: string;
  transport: string | null;
  runs: number;
  figures: Record<string, Figure>;
  notRun: string | null;
  broke: string | null;
}

export function makeRows(
  wanted: readonly Comparison[],
  outcomes: readonly Outcome[],
): Row[] {
  const byKey = new Map(
    outcomes.map((outcome) => [keyOf(outcome.contender), outcome]),
  );
  const find = (contender: Contender) => byKey.get(keyOf(contender))!;
  return wanted.map((comparison) =>
    rowOf(
      comparison,
      find(comparison.ours.contender),
      find(comparison.peer.contender),
    ),
  );
}

function rowOf(
  { name, what, unit, better, bar, ...sides }: Comparison,
  ours: Outcome,
  peer: Outcome,
): Row {
  const oursFigure = figure(ours, sides.ours.figure);
  const peerFigure = figure(peer, sides.peer.figure);
  const both = oursFigure && peerFigure;
  const trouble = [ours, peer].find(
    ({ notRun, broke }) => notRun !== undefined || broke !== undefined,
  );
  const ratio = both
    ? ratioOf(oursFigure.median, peerFigure.median, better)
    : null;
  return {
    name,
    what,
    unit,
    transport: sides.ours.contender.transport ?? null,
    ours: oursFigure?.median ?? null,
    peer: peerFigure?.median ?? null,
    ratio,
    bar,
    met: ratio === null || bar === null ? null : ratio >= bar,
    unclear: both ? isBetween(bar ?? 1, oursFigure, peerFigure, better) : false,
    runs: Math.min(ours.runs.length, peer.runs.length),
    spread: both
      ? { ours: spreadOf(oursFigure), peer: spreadOf(peerFigure) }
      : null,
    notRun: trouble?.notRun ?? null,
    broke: trouble?.broke ?? null,
  };
}

/** `null` if a cost was too small to measure. */
function ratioOf(
  ours: number,
  peer: number,
  better: 'more' | 'less',
): number | null {
  if (ours <= 0 || peer <= 0) return null;
  return better === 'more' ? ours / peer : peer / ours;
}

function isBetween(
  bar: number,
  ours: Figure,
  peer: Figure,
  better: 'more' | 'less',
): boolean {
  const ratios = [
    ratioOf(ours.min, peer.max, better),
    ratioOf(ours.max, peer.min, better),
  ];
  if (ratios.includes(null)) return true;
  const [one, other] = ratios as [number, number];
  return Math.min(one, other) < bar && bar <= Math.max(one, other);
}

export function makeMeasured(outcomes: readonly Outcome[]): Measured[] {
  return outcomes.map((outcome) => ({
    name: keyOf(outcome.contender),
    transport: outcome.contender.transport ?? null,
    runs: outcome.runs.length,
    figures: Object.fromEntries(
      Object.keys(outcome.runs[0] ?? {}).flatMap((name) => {
        const value = figure(outcome, name);
        return value ? [[name, value]] : [];
      }),
    ),
    notRun: outcome.notRun ?? null,
    broke: outcome.broke ?? null,
  }));
}

function figure({ runs, broke }: Outcome, name: string): Figure | undefined {
  // The earlier runs of a contender that broke later prove nothing.
  if (broke !== undefined || runs.length === 0) return undefined;
  const values = runs.map((figures) => figures[name]);
  return values.includes(undefined) ? undefined : figureOf(values as number[]);
}
