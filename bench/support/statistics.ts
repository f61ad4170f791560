/** The median and the spread of several runs. */
export interface Figure {
  median: number;
  min: number;
  max: number;
}

export function figureOf(values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle]!;
  return {
    median: sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2,
    min: sorted[0]!,
    max: sorted.at(-1)!,
  };
}

/** The distance from the lowest run to the highest, as a part of the median. */
export function spreadOf({ median, min, max }: Figure): number {
  return median === 0 ? 0 : (max - min) / median;
}
