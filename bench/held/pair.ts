import { Child, type Start } from '../support/child.js';
import type { Contender } from '../support/contender.js';
import type { Place } from '../support/place.js';

/** A serving process and one that calls it, of the same contender. */
export interface Pair {
  server: Child;
  client: Child;
}

/**
 * Runs both until `use` returns.
 *
 * @param warmUp connections that are opened and closed first.
 */
export async function withPair<T>(
  { variant, transport }: Contender,
  start: Start,
  warmUp: number,
  use: (pair: Pair) => Promise<T>,
): Promise<T> {
  const server = await Child.start(
    'held/server-process.js',
    [variant],
    transport,
    start,
  );
  let client: Child | undefined;
  try {
    const place = await server.ask<Place>('place');
    client = await Child.start(
      'held/client-process.js',
      [variant, JSON.stringify(place)],
      transport,
      start,
    );
    const pair = { server, client };
    await hold(pair, warmUp);
    await client.ask('close');
    await server.ask('holds', 0);
    return await use(pair);
  } finally {
    client?.stop();
    server.stop();
  }
}

/**
 * Opens more connections, and waits until the server has them.
 *
 * @param total connections that the server has afterwards.
 */
export async function hold(
  { server, client }: Pair,
  more: number,
  total = more,
): Promise<void> {
  await client.ask('open', more);
  await server.ask('holds', total);
}

/** Octets in use, at rest. */
export interface Memory {
  rss: number;
  heap: number;
}
