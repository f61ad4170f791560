import { withHolders, type Memory } from '../held/holders.js';
import type { Contender } from '../support/contender.js';
import { startFor } from '../support/descriptors.js';
import type { Figures } from '../support/outcome.js';
import { hold } from '../support/pair.js';

/**
 * Few, since the memory that they free is used again, and would hide the cost
 * of those that are counted.
 */
const WARM_UP = 100;

/** The memory of an idle accepted connection, in octets. */
export async function measureMemory(
  contender: Contender,
  connections: number,
): Promise<Figures> {
  const start = await startFor(connections);
  return withHolders(contender, start, WARM_UP, async (pair) => {
    const before = await pair.server.ask<Memory>('memory');
    await hold(pair, connections);
    const after = await pair.server.ask<Memory>('memory');
    return {
      rss: (after.rss - before.rss) / connections,
      heap: (after.heap - before.heap) / connections,
    };
  });
}
