import type { Contender } from '../support/contender.js';
import { startFor } from '../support/descriptors.js';
import type { Figures } from '../support/outcome.js';
import { hold, withPair, type Pair } from '../support/pair.js';

/** How many "few" are: a tenth of the most. */
const FEW = 1 / 10;

/** Drains of few: in sum half as many clients as the most, after a warm-up. */
const WARM_UP = 3;
const TIMES = 5;

/** The server's CPU to drain a client, of few and of many. */
export async function measureDrain(
  contender: Contender,
  most: number,
): Promise<Figures> {
  const start = await startFor(most);
  return withPair('drain', contender, start, async (pair) => {
    const few = Math.round(most * FEW);
    for (let time = 0; time < WARM_UP; time++) await drain(pair, few);
    let cpu = 0;
    for (let time = 0; time < TIMES; time++) cpu += await drain(pair, few);
    return {
      'cpu (few)': cpu / (TIMES * few),
      'cpu (many)': (await drain(pair, most)) / most,
    };
  });
}

async function drain(pair: Pair, clients: number): Promise<number> {
  await hold(pair, clients);
  return pair.server.ask<number>('drain');
}
