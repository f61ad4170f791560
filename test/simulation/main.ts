// npm run simulate -- [--steps N] [--seed S]   until a life is wrong
//   --survey         goes on, and counts what is wrong by its kind
//   --mistakes       whether each mistake that is made is found
//   --replay LIST    a life again
//   --shrink MS      how long to look for a shorter life that is wrong
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { checkMistakes, mistakes } from './mistakes.js';
import { say } from './say.js';
import { replay, simulate, survey, type Failure } from './simulate.js';

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

function tell({ seed, what, choices, trace }: Failure): void {
  say(`VIOLATED: ${what}\n`);
  for (const [index, line] of trace.entries()) {
    say(`${String(index + 1).padStart(5)}  ${line}`);
  }
  say(`\nnpm run simulate -- --seed ${seed} --steps 1`);
  // A seed is enough where it could not be made short.
  if (choices.length > 500) return;
  say(`npm run simulate -- --replay ${choices.join(',')}`);
}

function numberOf(option: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least) return number;
  complain(`--${option} takes a whole number from ${least}, not "${text}"`);
  return process.exit(2);
}

// A pair that the lifecycle calls impossible ends the process.
process.env['GOODBYTE_ASSERT'] ??= '1';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    shrink: { type: 'string', default: '5000' },
    replay: { type: 'string' },
    mistakes: { type: 'boolean', default: false },
    survey: { type: 'boolean', default: false },
    mistake: { type: 'string' },
  },
});
const steps = numberOf('steps', values.steps, 1);
const seed = numberOf('seed', values.seed, 0);

if (values.mistakes) {
  process.exitCode = (await checkMistakes(steps, seed)) ? 0 : 1;
} else if (values.survey) {
  const kinds = await survey(steps, seed);
  for (const [kind, seeds] of kinds) {
    say(`${seeds.length} × ${kind}`);
    say(`      --steps 1 --seed ${seeds.slice(0, 5).join(' | ')}`);
  }
  say(`${kinds.size} kinds of violation`);
  process.exitCode = Math.min(kinds.size, 1);
} else {
  if (values.mistake !== undefined) mistakes[values.mistake]!();
  const began = performance.now();
  let failure: Failure | undefined;
  if (values.replay === undefined) {
    const result = await simulate(
      steps,
      seed,
      numberOf('shrink', values.shrink, 0),
    );
    failure = result.failure;
    const seconds = (performance.now() - began) / 1000;
    say(
      `${result.steps} steps in ${result.lives} lives from seed ${seed} on: ${failure ? 'one is wrong' : 'no violation'} (${seconds.toFixed(1)} s)`,
    );
  } else {
    failure = await replay(values.replay.split(',').map(Number), seed);
    if (!failure) say('no violation');
  }
  if (failure) tell(failure);
  process.exitCode = failure ? 1 : 0;
}
