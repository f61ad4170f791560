// A process that serves clients and drains them, again and again:
// node server-process.js VARIANT
import { answerQuestions } from '../support/asked.js';
import { untilHeld } from '../support/holding.js';
import { anyPort } from '../support/place.js';
import type { Drain } from './drain.js';

const [variant, transport] = process.argv.slice(2);

await answerQuestions(transport, async () => {
  const { drain } = (await import(`./${variant}.js`)) as { drain: Drain };
  let server = await drain.listen(anyPort);
  return {
    place: () => server.place,
    /** Resolves when this many clients are connected. */
    holds: (count) => untilHeld(server, count),
    /** Drains all, and listens again. @returns microseconds of CPU. */
    drain: async () => {
      const before = process.cpuUsage();
      await server.drain();
      const { user, system } = process.cpuUsage(before);
      server = await drain.listen(server.place);
      return user + system;
    },
  };
});
