// A process that does one work with one variant: node steady-process.js WORK VARIANT
import { workOf, type Echo } from '../echo/echo.js';
import { answerQuestions } from './asked.js';
import { measure } from './rate.js';
import type { Work } from './work.js';

const [work, variant, transport] = process.argv.slice(2);

await answerQuestions(transport, async () => {
  const prepared = await prepare();
  return { run: (seconds) => measure(prepared, seconds) };
});

async function prepare(): Promise<Work> {
  const module: unknown = await import(`../${work}/${variant}.js`);
  if (work !== 'echo') {
    return (module as { open(): Promise<Work> }).open();
  }
  const { echo } = module as { echo: Echo };
  const { port } = await echo.listen();
  return workOf(echo, port);
}
