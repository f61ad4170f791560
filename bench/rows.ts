// The comparisons, and the bars.
import { against, flat, type Comparison } from './comparison.js';
import type { Contender, WorkName } from './support/contender.js';

/** Ours on each transport, without a peer. */
function onEachTransport(
  work: WorkName,
  variants: readonly string[],
): Contender[] {
  return (['stream', 'engine'] as const).flatMap((transport) =>
    variants.map((variant) => ({ work, variant, transport })),
  );
}

/** The stream transport's bars, in exchange and echo, and elsewhere. */
const most = 0.9;
const stream = 0.8;

const exchange: readonly Comparison[] = [
  ...against('exchange', 'winsock', 'net', 'rate', {
    stream: most,
    engine: 2.6,
  }),
  ...against('exchange', 'socket', 'net', 'rate', { stream: most, engine: 2 }),
  ...against('exchange', 'winsock', 'floor', 'cpu', {
    stream: null,
    engine: 0.87,
  }),
  ...against('exchange', 'socket', 'floor', 'cpu'),
  ...against('exchange', 'winsock', 'net', 'cpu'),
  ...against('exchange', 'socket', 'net', 'cpu'),
  ...against('exchange', 'winsock', 'ws', 'rate', { stream: null, engine: 3 }),
  ...against('exchange', 'socket', 'ws', 'rate', { stream: null, engine: 3 }),
  ...against('exchange', 'winsock', 'http2', 'rate'),
  ...against('exchange', 'socket', 'http2', 'rate'),
];

const echo: readonly Comparison[] = [
  ...against('echo', 'winsock', 'net', 'rate', { stream: most, engine: 2.4 }),
  ...against('echo', 'socket', 'net', 'rate', { stream: most, engine: 2 }),
  ...against('echo', 'winsock', 'ws', 'rate'),
  ...against('echo', 'socket', 'ws', 'rate'),
  ...against('echo', 'winsock', 'floor', 'cpu'),
  ...against('echo', 'socket', 'floor', 'cpu'),
];

const messages: readonly Comparison[] = [
  ...against('messages-64', 'winsock', 'ws', 'rate', {
    stream: null,
    engine: 6,
  }),
  ...against('messages-64', 'socket', 'ws', 'rate', {
    stream: null,
    engine: 6,
  }),
  ...against('messages-64', 'winsock', 'ws', 'cpu'),
  ...against('messages-64', 'socket', 'ws', 'cpu'),
  ...against('messages-16K', 'winsock', 'ws', 'rate', {
    stream: null,
    engine: 5,
  }),
  ...against('messages-16K', 'socket', 'ws', 'rate', {
    stream: null,
    engine: 5,
  }),
  ...against('messages-16K', 'winsock', 'ws', 'cpu'),
  ...against('messages-16K', 'socket', 'ws', 'cpu'),
];

const flows: readonly Comparison[] = [
  ...against('burst', 'socket', 'net', 'rate', { stream, engine: 10 }),
  ...against('burst', 'socket', 'net', 'cpu'),

  ...against('one-way', 'socket', 'net', 'rate', { stream, engine: 1.3 }),
  ...against('one-way', 'socket', 'net', 'cpu'),
];

const unix: readonly Comparison[] = [
  ...against('unix-echo', 'winsock', 'net', 'rate', { stream, engine: 2 }),
  ...against('unix-echo', 'socket', 'net', 'rate', { stream, engine: 2 }),
  ...against('unix-echo', 'winsock', 'net', 'cpu'),
  ...against('unix-echo', 'socket', 'net', 'cpu'),

  ...against('unix-bulk', 'socket', 'net', 'rate', { stream, engine: 3 }),
  ...against('unix-bulk', 'socket', 'net', 'cpu'),
];

const latency: readonly Comparison[] = [
  ...against('latency', 'winsock', 'net', 'latency', { stream, engine: 1 }),
  ...against('latency', 'socket', 'net', 'latency', { stream, engine: 1 }),
];

/** TLS is on streams, whatever the transport. */
const tls: readonly Comparison[] = [
  ...against('tls-exchange', 'socket', 'tls', 'rate', { stream: 1.1 }),
  ...against('tls-exchange', 'socket', 'tls', 'cpu', { stream: null }),
  ...against('tls-resumed', 'socket', 'tls', 'rate', { stream: 1.1 }),
  ...against('tls-resumed', 'socket', 'tls', 'cpu', { stream: null }),
  ...against('tls-bulk', 'socket', 'tls', 'rate', { stream: 1.1 }),
  ...against('tls-bulk', 'socket', 'tls', 'cpu', { stream: null }),
];

const memory: readonly Comparison[] = [
  ...against('memory', 'winsock', 'net', 'rss', { stream, engine: 1.4 }),
  ...against('memory', 'socket', 'net', 'rss', { stream, engine: 1 }),
  ...against('memory', 'winsock', 'net', 'heap'),
  ...against('memory', 'socket', 'net', 'heap'),
];

const held: readonly Comparison[] = flat(
  'held',
  [
    { work: 'held', variant: 'net' },
    ...onEachTransport('held', ['winsock', 'socket']),
  ],
  {
    accept: 'µs of CPU to accept one more',
    echo: 'µs of CPU a round trip',
    latency: 'µs a round trip takes',
  },
);

const drain: readonly Comparison[] = [
  ...against('drain', 'socket', 'net', 'cpu (many)', { stream, engine: 1 }),
  ...flat(
    'drain',
    [
      { work: 'drain', variant: 'net' },
      ...onEachTransport('drain', ['socket']),
    ],
    { cpu: 'µs of CPU a client' },
  ),
];

const importing = { work: 'import', variant: 'goodbyte' } as const;

const start: readonly Comparison[] = [
  ...against('start', 'socket', 'net', 'wall', { stream: 0.85, engine: 0.85 }),
  {
    name: 'import/allowed',
    what: 'import: what importing the package adds to an empty process, against what it may',
    unit: 'ms',
    ours: { contender: importing, figure: 'added' },
    peer: { contender: importing, figure: 'allowed' },
    better: 'less',
    bar: 1,
  },
];

export const comparisons: readonly Comparison[] = [
  ...exchange,
  ...echo,
  ...messages,
  ...flows,
  ...unix,
  ...tls,
  ...latency,
  ...memory,
  ...held,
  ...drain,
  ...start,
];
