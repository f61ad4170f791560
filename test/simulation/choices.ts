import { Random } from '../../bench/support/random.js';

/**
 * The choices of a simulation: numbers from a seed, or those of a list followed by
 * zeros. The numbers drawn form a list that repeats it.
 */
export class Choices {
  readonly drawn: number[] = [];
  readonly #random: Random | undefined;
  readonly #list: readonly number[];

  constructor(from: number | readonly number[]) {
    this.#random = typeof from === 'number' ? new Random(from) : undefined;
    this.#list = typeof from === 'number' ? [] : from;
  }

  /** From 0 to `bound` - 1. The lower the number, the less happens. */
  below(bound: number): number {
    const choice = this.#random
      ? this.#random.below(bound)
      : Math.min(this.#list[this.drawn.length] ?? 0, bound - 1);
    this.drawn.push(choice);
    return choice;
  }

  /** True once in this many times. */
  oneIn(times: number): boolean {
    return this.below(times) === times - 1;
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

/** The shortest list found in time that fails in the same way. */
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
    // From the end, since early choices determine later ones.
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
