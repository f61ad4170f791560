import type { Step } from './types.js';

/** The order of steps, by index. */
export type Before = readonly ReadonlySet<number>[];

const laneOf = (step: Step): string => `${step.agent}/${step.lane ?? ''}`;

/**
 * The predecessors of each step: the step before it in its lane, and
 * those that it names in `after` and `needs`.
 *
 * @param kept the constraints beside `needs`: all, or those of free runs.
 */
export function predecessors(
  steps: readonly Step[],
  kept: 'forced' | 'free' = 'forced',
): Before {
  const indexOf = new Map(steps.map((step, index) => [step.id, index]));
  const lastOfLane = new Map<string, number>();
  return steps.map((step, index) => {
    const before = new Set<number>();
    const previous = lastOfLane.get(laneOf(step));
    if (previous !== undefined) before.add(previous);
    lastOfLane.set(laneOf(step), index);
    const named = [
      ...(step.needs ?? []),
      ...(kept === 'forced' ? (step.after ?? []) : []),
      ...addressNeeded(step),
    ];
    for (const id of named) {
      const found = indexOf.get(id);
      if (found === undefined) {
        throw new RangeError(
          `step "${step.id}" comes after "${id}", which does not exist`,
        );
      }
      before.add(found);
    }
    return before;
  });
}

/** The step whose address a step connects to. */
export function addressNeeded(step: Step): string[] {
  const to = step.with?.['to'];
  return typeof to === 'string' ? [to] : [];
}

/** The derived orders, and whether they are complete. */
export interface Orders {
  orders: number[][];
  complete: boolean;
}

/**
 * Every order that the partial order allows, as lists of indexes. Above
 * `most` of them, `most` that differ are drawn with `seed`.
 */
export function linearExtensions(before: Before, most = 64, seed = 1): Orders {
  const orders: number[][] = [];
  const complete = extend(before, [], new Set(), (order) => {
    orders.push(order);
    return orders.length <= most;
  });
  if (orders.length === 0 && before.length > 0) {
    throw new RangeError('the steps wait for each other in a circle');
  }
  return complete && orders.length <= most
    ? { orders, complete: true }
    : { orders: draw(before, most, seed), complete: false };
}

/** Depth first; `false` when `found` wants no more. */
function extend(
  before: Before,
  chosen: number[],
  done: Set<number>,
  found: (order: number[]) => boolean,
): boolean {
  if (chosen.length === before.length) return found([...chosen]);
  for (const next of ready(before, done)) {
    done.add(next);
    chosen.push(next);
    const goOn = extend(before, chosen, done, found);
    chosen.pop();
    done.delete(next);
    if (!goOn) return false;
  }
  return true;
}

function ready(before: Before, done: ReadonlySet<number>): number[] {
  return before.flatMap((needed, index) =>
    !done.has(index) && [...needed].every((other) => done.has(other))
      ? [index]
      : [],
  );
}

function draw(before: Before, most: number, seed: number): number[][] {
  const random = generator(seed);
  const drawn = new Map<string, number[]>();
  for (let tries = 0; drawn.size < most && tries < 50 * most; tries += 1) {
    const done = new Set<number>();
    while (done.size < before.length) {
      const choices = ready(before, done);
      done.add(choices[Math.floor(random() * choices.length)]!);
    }
    drawn.set([...done].join(), [...done]);
  }
  return [...drawn.values()];
}

/** Mulberry32: small, and the same on every system. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A name for each order: the ids of the part in which the orders differ; '' if
 * there is only one.
 */
export function orderNames(
  steps: readonly Step[],
  orders: readonly number[][],
): string[] {
  const differs = (at: number): boolean =>
    orders.some((order) => order[at] !== orders[0]![at]);
  const positions = steps.map((_, at) => at).filter(differs);
  const [first, last] = [positions[0], positions.at(-1)];
  if (first === undefined || last === undefined) return orders.map(() => '');
  return orders.map((order) =>
    order
      .slice(first, last + 1)
      .map((index) => steps[index]!.id)
      .join(' '),
  );
}
