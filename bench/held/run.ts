import { CONNECTIONS } from '../echo/echo.js';
import type { Contender } from '../support/contender.js';
import type { Figures } from '../support/outcome.js';
import type { Sample } from '../support/work.js';
import { startFor } from '../support/descriptors.js';
import { hold, type Pair } from '../support/pair.js';
import { withHolders } from './holders.js';

/** Enough that the accepting code is compiled before it is measured. */
const WARM_UP = 2000;

/** The number of "few": a fifteenth of the most. */
const FEW = 1 / 15;

/**
 * The server's cost of connections while few and while many are held: accepting
 * one more (over the first third and over the last, so that the collector's work
 * evens out), and echo on {@link CONNECTIONS} others.
 */
export async function measureHeld(
  contender: Contender,
  most: number,
  seconds: number,
): Promise<Figures> {
  const start = await startFor(most + CONNECTIONS);
  return withHolders(
    contender,
    start,
    Math.min(WARM_UP, most),
    async (pair) => {
      const few = Math.round(most * FEW);
      const third = Math.round(most / 3);
      // Connects those that echo, and warms them up.
      await echo(pair, seconds);
      const grow = async (from: number, to: number) => {
        const { cpu } = await cpuOf(pair, () =>
          hold(pair, to - from, CONNECTIONS + to),
        );
        return cpu;
      };
      const acceptFew = await grow(0, few);
      const withFew = await echo(pair, seconds);
      const acceptThird = await grow(few, third);
      await grow(third, most - third);
      const acceptMany = await grow(most - third, most);
      const withMany = await echo(pair, seconds);
      return {
        'accept (few)': (acceptFew + acceptThird) / third,
        'accept (many)': acceptMany / third,
        'echo (few)': withFew.cpu,
        'echo (many)': withMany.cpu,
        'latency (few)': withFew.latency,
        'latency (many)': withMany.latency,
      };
    },
  );
}

/** Microseconds a round trip: the server's CPU time, and elapsed time. */
async function echo(pair: Pair, duration: number) {
  const { cpu, result } = await cpuOf(pair, () =>
    pair.client.ask<Sample>('echo', duration, duration),
  );
  const { operations, seconds } = result;
  return {
    cpu: cpu / operations,
    latency: (seconds * 1e6 * CONNECTIONS) / operations,
  };
}

/** The server's CPU time meanwhile, in microseconds. */
async function cpuOf<T>(
  { server }: Pair,
  work: () => Promise<T>,
): Promise<{ cpu: number; result: T }> {
  const before = await server.ask<number>('cpu');
  const result = await work();
  return { cpu: (await server.ask<number>('cpu')) - before, result };
}
