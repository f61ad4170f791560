import { Random } from '../../bench/support/random.js';

/**
 * The choices of a simulation: numbers of a seed, or those of a list, and zeros
 * behind its end. The numbers drawn are a list that repeats it.
 */
export class Choices {
  readonly drawn: number[] = [];
  readonly #random: Random | undefined;
  readonly #list: readonly number[];

  constructor(from: number | readonly number[]) {
    this.#random = typeof from === 'number' ? new Random(from) : undefined;
    this.#list = typeof from === 'number' ? [] : from;
  }

  /** From 0 on, below `bound`. By the lowest one the least happens. */
  below(bound: number): number {
    const choice = this.#random
      ? this.#random.below(bound)
      : Math.min(this.#list[this.drawn.length] ?? 0, bound - 1);
    this.drawn.push(choice);
    return choice;
  }

  /** Once in so many times. */
  oneIn(times: number): boolean {
    return this.below(times) === times - 1;
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

/** The least list that fails in the same way, as far as there is time. */
export async function shrink(
  list: readonly number[],
  fails: (list: readonly number[]) => Promise<boolean>,
  milliseconds: number,
): Promise<readonly number[]> {
  let best = list;
  const until = performance.now() + milliseconds;
  const isTime = () => performance.now() < until;
  const attempt = async (candidate: readonly number[]) => {
    if (!(await fails(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let size = list.length >> 1; size >= 1 && isTime(); size >>= 1) {
    // From the end: what comes early decides about what follows.
    for (let at = best.length - size; at >= 0 && isTime(); at -= size) {
      const without = [...best.slice(0, at), ...best.slice(at + size)];
      if (await attempt(without)) continue;
      if (best.slice(at, at + size).some((choice) => choice > 0)) {
        const zeros = Array.from({ length: size }, () => 0);
        await attempt([
          ...best.slice(0, at),
          ...zeros,
          ...best.slice(at + size),
        ]);
      }
    }
  }
  return best;
}
