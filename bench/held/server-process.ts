// A process that serves echo and reports what its connections cost:
// node server-process.js VARIANT
import { setTimeout as wait } from 'node:timers/promises';
import type { Echo } from '../echo/echo.js';
import { answerQuestions } from '../support/asked.js';
import { untilHeld } from '../support/holding.js';
import { anyPort } from '../support/place.js';

const [variant, transport] = process.argv.slice(2);

/** Milliseconds in which the work left by a burst is done. */
const QUIET = 300;

await answerQuestions(transport, async () => {
  const { echo } = (await import(`../echo/${variant}.js`)) as { echo: Echo };
  const server = await echo.listen(anyPort);
  return {
    place: () => server.place,
    /** Resolves when this many connections are open. */
    holds: (count) => untilHeld(server, count),
    cpu: () => {
      const { user, system } = process.cpuUsage();
      return user + system;
    },
    memory: memoryAtRest,
  };
});

/** Octets in use after garbage collection. */
async function memoryAtRest(): Promise<{ rss: number; heap: number }> {
  for (let round = 0; round < 3; round++) {
    await wait(QUIET / 3);
    globalThis.gc!();
  }
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heap: heapUsed };
}
