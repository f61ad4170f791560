import { Choices, shrink } from './choices.js';
import { Violated, World } from './world.js';

/** Steps that a life may take, besides its end. */
const LONGEST = 120;
export interface Failure {
  seed: number;
  what: string;
  /** Choices that repeat the shortest life with this failure. */
  choices: readonly number[];
  trace: readonly string[];
}

interface Life {
  world: World;
  choices: Choices;
  what: string | undefined;
}

async function live(from: number | readonly number[]): Promise<Life> {
  const choices = new Choices(from);
  const world = new World(choices);
  try {
    await world.live(LONGEST);
    return { world, choices, what: undefined };
  } catch (error) {
    const what =
      error instanceof Violated
        ? error.message
        : `thrown: ${(error as Error).stack}`;
    return { world, choices, what };
  }
}

/** Without numbers, so that violations of one kind are equal. */
const kindOf = (what: string) => what.split('\n')[0]!.replaceAll(/\d+/g, 'N');

/**
 * Runs lives, one seed after another, until the steps are done or one fails.
 *
 * @param shrinking milliseconds of looking for a shorter life that fails.
 * @returns the number of steps and lives, and the failure.
 */
export async function simulate(
  steps: number,
  firstSeed: number,
  shrinking: number,
): Promise<{ steps: number; lives: number; failure: Failure | undefined }> {
  let done = 0;
  let lives = 0;
  for (let seed = firstSeed; done < steps; seed = (seed + 1) >>> 0) {
    const { world, choices, what } = await live(seed);
    done += world.steps;
    lives++;
    if (what === undefined) continue;
    const failure = await shorten(
      { seed, what, choices: choices.drawn, trace: world.trace },
      shrinking,
    );
    return { steps: done, lives, failure };
  }
  return { steps: done, lives, failure: undefined };
}

/** The shortest life found that fails in the same way. */
async function shorten(
  failure: Failure,
  milliseconds: number,
): Promise<Failure> {
  const kind = kindOf(failure.what);
  const least = await shrink(
    failure.choices,
    async (list) => {
      const life = await live(list);
      return life.what !== undefined && kindOf(life.what) === kind;
    },
    milliseconds,
  );
  return (await replay(least, failure.seed)) ?? failure;
}

/**
 * Continues after violations.
 *
 * @param onfirst receives the first life of each kind, shortened.
 * @returns for each kind, how often and when it occurred.
 */
export async function survey(
  steps: number,
  firstSeed: number,
  shrinking: number,
  onfirst?: (failure: Failure) => void,
): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  let done = 0;
  for (let seed = firstSeed; done < steps; seed = (seed + 1) >>> 0) {
    const { world, choices, what } = await live(seed);
    done += world.steps;
    if (what === undefined) continue;
    const kind = kindOf(what);
    const seeds = found.get(kind);
    if (seeds) {
      seeds.push(seed);
      continue;
    }
    found.set(kind, [seed]);
    const { trace } = world;
    const failure = { seed, what, choices: choices.drawn, trace };
    if (onfirst) onfirst(await shorten(failure, shrinking));
  }
  return found;
}

/** Repeats a life. */
export async function replay(
  choices: readonly number[],
  seed: number,
): Promise<Failure | undefined> {
  const { world, what } = await live(choices);
  return what === undefined
    ? undefined
    : { seed, what, choices, trace: world.trace };
}
