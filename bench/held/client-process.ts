// A process that holds connections: node client-process.js VARIANT PLACE
import { workOf, type Echo, type EchoConnection } from '../echo/echo.js';
import { answerQuestions } from '../support/asked.js';
import { manyTimes } from '../support/holding.js';
import type { Place } from '../support/place.js';
import { measure } from '../support/rate.js';
import type { Work } from '../support/work.js';

const [variant, where, transport] = process.argv.slice(2);
const place = JSON.parse(where!) as Place;

await answerQuestions(transport, async () => {
  const { echo } = (await import(`../echo/${variant}.js`)) as { echo: Echo };
  const held: EchoConnection[] = [];
  let active: Work | undefined;
  return {
    open: (count) =>
      manyTimes(count, async () => {
        held.push(await echo.connect(place));
      }),
    close: () => {
      for (const connection of held.splice(0)) connection.close();
    },
    /** Other connections than the held ones echo for some seconds. */
    echo: async (seconds) => {
      active ??= await workOf(echo, place);
      return measure(active, seconds);
    },
  };
});
