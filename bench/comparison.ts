// Makes comparisons: of ours with a peer, of ours with itself, and with another build.
import {
  keyOf,
  nameOf,
  type Contender,
  type WorkName,
} from './support/contender.js';
import type { Transport } from './support/transport.js';
import { isSteady, unitOf } from './support/works.js';

/** One comparison to make. */
export interface Comparison {
  name: string;
  what: string;
  unit: string;
  ours: { contender: Contender; figure: string };
  peer: { contender: Contender; figure: string };
  /** Whether more is better (a rate) or less (a cost). */
  better: 'more' | 'less';
  /** The required ratio, if there is one. */
  bar: number | null;
}

/** The transports to measure, and the required ratio of each, if there is one. */
type Bars = Partial<Record<Transport, number | null>>;

const noBars: Bars = { stream: null, engine: null };

type Figure =
  'rate' | 'cpu' | 'cpu (many)' | 'latency' | 'wall' | 'rss' | 'heap';

/** Figures that a row's name does not mention. */
const usual: readonly Figure[] = [
  'rate',
  'cpu (many)',
  'latency',
  'wall',
  'rss',
];

/** Compares ours, on each transport, with a peer. */
export function against(
  work: WorkName,
  variant: string,
  peer: string,
  figure: Figure,
  bars = noBars,
): Comparison[] {
  return eachTransport(bars).map(([transport, bar]) => {
    const ours = { work, variant, transport };
    const suffix = usual.includes(figure) ? '' : `/${figure}`;
    return {
      name: `${work}/${nameOf(ours)}/${peer}${suffix}`,
      what: `${work}: ${variant} on the ${transport} transport, against ${peer}`,
      unit: unitFor(work, figure),
      ours: { contender: ours, figure },
      peer: { contender: { work, variant: peer }, figure },
      better: figure === 'rate' ? 'more' : 'less',
      bar,
    };
  });
}

function eachTransport(bars: Bars): [Transport, number | null][] {
  return Object.entries(bars) as [Transport, number | null][];
}

/** Units of figures that are counted alike in all works. */
const units: Partial<Record<Figure, string>> = {
  'cpu (many)': 'µs of CPU a client',
  latency: 'µs to connect',
  wall: 'ms to the first connection',
  rss: 'octets a connection',
  heap: 'octets of heap a connection',
};

function unitFor(work: WorkName, figure: Figure): string {
  const unit = units[figure];
  if (unit !== undefined) return unit;
  if (!isSteady(work)) throw new Error(`${work} has no ${figure}`);
  const { one, many } = unitOf(work);
  return figure === 'rate' ? `${many}/s` : `µs of CPU ${one}`;
}

/** Costs with many connections must be at least so near to those with few. */
const FLAT = 0.8;

/** Compares each with itself: its costs with many connections and with few. */
export function flat(
  work: WorkName,
  contenders: readonly Contender[],
  costs: Readonly<Record<string, string>>,
): Comparison[] {
  return contenders.flatMap((contender) =>
    Object.entries(costs).map(([cost, unit]) => ({
      name: `${work}/${nameOf(contender)}/${cost}`,
      what: `${work}: ${nameOf(contender)} with many connections, against itself with few`,
      unit,
      ours: { contender, figure: `${cost} (many)` },
      peer: { contender, figure: `${cost} (few)` },
      better: 'less' as const,
      bar: contender.transport ? FLAT : null,
    })),
  );
}

/** Rows for each of ours against the same in another build. */
export function withOtherBuild(
  rows: readonly Comparison[],
  build: string,
): Comparison[] {
  const ours = new Map(
    rows
      .map(({ ours: { contender } }) => contender)
      .filter(({ work }) => isSteady(work))
      .map((contender) => [keyOf(contender), contender]),
  );
  return [...ours.values()].flatMap((contender) =>
    (['rate', 'cpu'] as const).map((figure) => ({
      name: `${keyOf(contender)}/build${figure === 'cpu' ? '/cpu' : ''}`,
      what: `${keyOf(contender)}, against the same of another build`,
      unit: unitFor(contender.work, figure),
      ours: { contender, figure },
      peer: { contender: { ...contender, build }, figure },
      better: figure === 'rate' ? ('more' as const) : ('less' as const),
      bar: null,
    })),
  );
}
