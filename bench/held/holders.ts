import type { Contender } from '../support/contender.js';
import type { Start } from '../support/child.js';
import { hold, withPair, type Pair } from '../support/pair.js';

/** Octets in use, at rest. */
export interface Memory {
  rss: number;
  heap: number;
}

/**
 * Runs a server and a caller that hold connections, until `use` returns.
 *
 * @param warmUp connections that are opened and closed first.
 */
export function withHolders<T>(
  contender: Contender,
  start: Start,
  warmUp: number,
  use: (pair: Pair) => Promise<T>,
): Promise<T> {
  return withPair('held', contender, start, async (pair) => {
    await hold(pair, warmUp);
    await pair.client.ask('close');
    await pair.server.ask('holds', 0);
    return use(pair);
  });
}
