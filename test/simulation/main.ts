// npm run simulate -- [--steps N] [--seed S]   until a life is wrong, or for N steps
//   --survey         continues, and counts the violations by kind
//   --mistakes       checks that each deliberate mistake is found
//   --replay LIST    repeats a life, also from a kept file
//   --shrink MS      how long to look for a shorter life with the violation
//   --keep-traces FOLDER   keeps wrong lives as files, one of each kind
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { checkMistakes, mistakes } from './mistakes.js';
import { say } from './say.js';
import { replay, simulate, survey, type Failure } from './simulate.js';
import { keepTrace, lifeOf } from './traces.js';

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

function tell(failure: Failure, keep?: (failure: Failure) => void): void {
  const { seed, what, choices, trace } = failure;
  say(`VIOLATED: ${what}\n`);
  for (const [index, line] of trace.entries()) {
    say(`${String(index + 1).padStart(5)}  ${line}`);
  }
  say(`\nnpm run simulate -- --seed ${seed} --steps 1`);
  if (keep) keep(failure);
  // A seed is enough if the life could not be shortened.
  else if (choices.length <= 500) sayReplay(choices.join(','));
}

function sayReplay(what: string): void {
  say(`npm run simulate -- --replay ${what}`);
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
    steps: { type: 'string' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    shrink: { type: 'string', default: '5000' },
    replay: { type: 'string' },
    mistakes: { type: 'boolean', default: false },
    survey: { type: 'boolean', default: false },
    mistake: { type: 'string' },
    'keep-traces': { type: 'string' },
  },
});
// The rarest mistake takes 50,000 steps to show, on average; a found one ends the
// search, so that the most of them cost nothing.
const mostSteps = values.mistakes ? '2000000' : '100000';
const steps = numberOf('steps', values.steps ?? mostSteps, 1);
const seed = numberOf('seed', values.seed, 0);
const shrinking = numberOf('shrink', values.shrink, 0);
const { 'keep-traces': folder } = values;
const keep =
  folder === undefined
    ? undefined
    : (failure: Failure) => {
        sayReplay(keepTrace(folder, failure));
      };

if (values.mistake !== undefined) mistakes[values.mistake]!();

if (values.mistakes) {
  process.exitCode = (await checkMistakes(steps, seed)) ? 0 : 1;
} else if (values.survey) {
  const kinds = await survey(steps, seed, shrinking, keep);
  for (const [kind, seeds] of kinds) {
    say(`${seeds.length} × ${kind}`);
    say(`      --steps 1 --seed ${seeds.slice(0, 5).join(' | ')}`);
  }
  say(`${kinds.size} kinds of violation`);
  process.exitCode = Math.min(kinds.size, 1);
} else {
  const began = performance.now();
  let failure: Failure | undefined;
  if (values.replay === undefined) {
    const result = await simulate(steps, seed, shrinking);
    failure = result.failure;
    const seconds = (performance.now() - began) / 1000;
    say(
      `${result.steps} steps in ${result.lives} lives from seed ${seed} on: ${failure ? 'one is wrong' : 'no violation'} (${seconds.toFixed(1)} s)`,
    );
  } else {
    const life = lifeOf(values.replay);
    failure = await replay(life.choices, life.seed ?? seed);
    if (!failure) say('no violation');
  }
  if (failure) tell(failure, keep);
  process.exitCode = failure ? 1 : 0;
}
