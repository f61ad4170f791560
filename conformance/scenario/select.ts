import { matchesGlob } from './load.js';
import type { Case } from './types.js';

/**
 * Whether a case fits one of the globs, if there are any, and none of those
 * that begin with `!`. A glob is for the scenario's id or the case's.
 */
export function fitsGlobs(globs: readonly string[]): (tested: Case) => boolean {
  const without = globs.filter((glob) => glob.startsWith('!'));
  const within = globs.filter((glob) => !glob.startsWith('!'));
  return (tested) =>
    (within.length === 0 || within.some((glob) => fits(tested, glob))) &&
    !without.some((glob) => fits(tested, glob.slice(1)));
}

function fits({ scenario, name }: Case, glob: string): boolean {
  return matchesGlob(scenario.id, glob) || matchesGlob(name, glob);
}
