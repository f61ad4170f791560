// A process whose clients answer last words: node client-process.js VARIANT PLACE
import { answerQuestions } from '../support/asked.js';
import { manyTimes } from '../support/holding.js';
import type { Place } from '../support/place.js';
import type { Drain } from './drain.js';

const [variant, where, transport] = process.argv.slice(2);
const place = JSON.parse(where!) as Place;

await answerQuestions(transport, async () => {
  const { drain } = (await import(`./${variant}.js`)) as { drain: Drain };
  let clients = 0;
  return {
    open: (count) => manyTimes(count, () => drain.connect(place, ++clients)),
  };
});
