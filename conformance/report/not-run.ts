import { caseName } from '../scenario/expand.js';
import type { Family } from '../scenario/types.js';

/** Cases of a group that are named one by one. */
const NAMED = 5;

/**
 * The cases of some runs, in few lines: a group with many is named with its
 * number of cases.
 */
export function namesOfCases(
  runs: readonly { id: string; family: Family }[],
): string[] {
  const groups = new Map<string, Set<string>>();
  for (const run of runs) {
    const group = run.id.split('/')[0]!;
    const names = groups.get(group) ?? new Set();
    groups.set(group, names.add(caseName(run)));
  }
  return [...groups].flatMap(([group, names]) => {
    const all = [...names];
    return all.length <= NAMED
      ? all
      : [
          ...all.slice(0, NAMED - 1),
          `${group}/*: ${all.length - NAMED + 1} more cases`,
        ];
  });
}
