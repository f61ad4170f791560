import { Child, type Start } from './child.js';
import type { Contender } from './contender.js';
import type { Place } from './place.js';

/** A serving process and one that calls it, of the same contender. */
export interface Pair {
  server: Child;
  client: Child;
}

/**
 * Runs both until `use` returns.
 *
 * @param folder of their programs.
 */
export async function withPair<T>(
  folder: string,
  { variant, transport }: Contender,
  start: Start,
  use: (pair: Pair) => Promise<T>,
): Promise<T> {
  const server = await Child.start(
    `${folder}/server-process.js`,
    [variant],
    transport,
    start,
  );
  let client: Child | undefined;
  try {
    const place = await server.ask<Place>('place');
    client = await Child.start(
      `${folder}/client-process.js`,
      [variant, JSON.stringify(place)],
      transport,
      start,
    );
    return await use({ server, client });
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
