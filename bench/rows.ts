// The comparisons and their bars: each row sets one of ours against a peer, or
// against itself.
import {
  keyOf,
  nameOf,
  type Contender,
  type WorkName,
} from './support/contender.js';
import type { Transport } from './support/transport.js';

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

type Bars = Record<Transport, number | null>;

const transports: readonly Transport[] = ['stream', 'engine'];

const units: Record<string, string> = {
  'exchange rate': 'exchanges/s',
  'exchange cpu': 'µs of CPU an exchange',
  'echo rate': 'round trips/s',
  'echo cpu': 'µs of CPU a round trip',
  'burst rate': 'bursts/s',
  'burst cpu': 'µs of CPU a burst',
  'one-way rate': 'MiB/s',
  'one-way cpu': 'µs of CPU a MiB',
  'memory rss': 'octets a connection',
  'memory heap': 'octets of heap a connection',
};

/** Rows for ours on each transport against a peer. */
function against(
  work: WorkName,
  variant: string,
  peer: string,
  figure: 'rate' | 'cpu' | 'rss' | 'heap',
  bars: Bars = { stream: null, engine: null },
): Comparison[] {
  return transports.map((transport) => {
    const ours = { work, variant, transport };
    const suffix = figure === 'rate' || figure === 'rss' ? '' : `/${figure}`;
    return {
      name: `${work}/${nameOf(ours)}/${peer}${suffix}`,
      what: `${work}: ${variant} on the ${transport} transport, against ${peer}`,
      unit: units[`${work} ${figure}`]!,
      ours: { contender: ours, figure },
      peer: { contender: { work, variant: peer }, figure },
      better: figure === 'rate' ? 'more' : 'less',
      bar: bars[transport],
    };
  });
}

/** Rows for costs with many held against costs with few: 1 is flat. */
const FLAT = 0.8;

const heldCosts = {
  accept: 'µs of CPU to accept one more',
  echo: 'µs of CPU a round trip',
  latency: 'µs a round trip takes',
} as const;

function held(): Comparison[] {
  const work = 'held';
  const contenders: Contender[] = [
    { work, variant: 'net' },
    ...transports.flatMap((transport) => [
      { work, variant: 'winsock', transport } as const,
      { work, variant: 'socket', transport } as const,
    ]),
  ];
  return contenders.flatMap((contender) =>
    (Object.keys(heldCosts) as (keyof typeof heldCosts)[]).map((cost) => ({
      name: `held/${nameOf(contender)}/${cost}`,
      what: `held: ${nameOf(contender)} with many connections held, against itself with few`,
      unit: heldCosts[cost],
      ours: { contender, figure: `${cost} (many)` },
      peer: { contender, figure: `${cost} (few)` },
      better: 'less' as const,
      bar: contender.transport ? FLAT : null,
    })),
  );
}

/** The row for a program that loads goodbyte against one that loads net, plus a margin. */
function start(): Comparison {
  const work = 'start';
  return {
    name: 'start/net',
    what: 'start: a program that loads goodbyte, against what one that loads net may take',
    unit: 'ms of a whole process',
    ours: { contender: { work, variant: 'goodbyte' }, figure: 'wall' },
    peer: { contender: { work, variant: 'net' }, figure: 'allowed' },
    better: 'less',
    bar: 1,
  };
}

/** Works measured in processes that stay, for any build. */
const steady: readonly WorkName[] = ['exchange', 'echo', 'burst', 'one-way'];

/** Rows for each of ours against the same in another build. */
export function withOtherBuild(
  rows: readonly Comparison[],
  build: string,
): Comparison[] {
  const ours = new Map(
    rows
      .map(({ ours: { contender } }) => contender)
      .filter(({ work }) => steady.includes(work))
      .map((contender) => [keyOf(contender), contender]),
  );
  return [...ours.values()].flatMap((contender) =>
    (['rate', 'cpu'] as const).map((figure) => ({
      name: `${keyOf(contender)}/build${figure === 'cpu' ? '/cpu' : ''}`,
      what: `${keyOf(contender)}, against the same of another build`,
      unit: units[`${contender.work} ${figure}`]!,
      ours: { contender, figure },
      peer: { contender: { ...contender, build }, figure },
      better: figure === 'rate' ? ('more' as const) : ('less' as const),
      bar: null,
    })),
  );
}

/** The stream transport's contenders in all works. */
const stream = 0.8;

export function comparisons(): Comparison[] {
  return [
    ...against('exchange', 'winsock', 'net', 'rate', { engine: 2, stream }),
    ...against('exchange', 'socket', 'net', 'rate', { engine: 1.5, stream }),
    ...against('exchange', 'winsock', 'floor', 'cpu', {
      engine: 1 / 1.3,
      stream: null,
    }),
    ...against('exchange', 'socket', 'floor', 'cpu'),
    ...against('exchange', 'winsock', 'net', 'cpu'),
    ...against('exchange', 'socket', 'net', 'cpu'),
    ...against('exchange', 'winsock', 'ws', 'rate', {
      engine: 3,
      stream: null,
    }),
    ...against('exchange', 'socket', 'ws', 'rate', { engine: 3, stream: null }),
    ...against('exchange', 'winsock', 'http2', 'rate'),
    ...against('exchange', 'socket', 'http2', 'rate'),

    ...against('echo', 'winsock', 'net', 'rate', { engine: 1.3, stream }),
    ...against('echo', 'socket', 'net', 'rate', { engine: 1, stream }),
    ...against('echo', 'winsock', 'ws', 'rate'),
    ...against('echo', 'socket', 'ws', 'rate'),
    ...against('echo', 'winsock', 'floor', 'cpu'),
    ...against('echo', 'socket', 'floor', 'cpu'),

    ...against('burst', 'socket', 'net', 'rate', { engine: 10, stream }),
    ...against('burst', 'socket', 'net', 'cpu'),

    ...against('one-way', 'socket', 'net', 'rate', { engine: 1, stream }),
    ...against('one-way', 'socket', 'net', 'cpu'),

    ...against('memory', 'winsock', 'net', 'rss', { engine: 1, stream }),
    ...against('memory', 'socket', 'net', 'rss', { engine: 1, stream }),
    ...against('memory', 'winsock', 'net', 'heap'),
    ...against('memory', 'socket', 'net', 'heap'),

    ...held(),

    start(),
  ];
}
