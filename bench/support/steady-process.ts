// A process that does one work with one variant: node steady-process.js WORK VARIANT
import { answerQuestions } from './asked.js';
import { measure } from './rate.js';
import { openWork, type SteadyWorkName } from './works.js';

const [work, variant, transport] = process.argv.slice(2);

await answerQuestions(transport, async () => {
  const prepared = await openWork(work as SteadyWorkName, variant!);
  return { run: (seconds) => measure(prepared, seconds) };
});
