import type { Case, Scenario } from '../../conformance/index.js';
import { representativesOf } from '../../conformance/scenario/representatives.js';

/**
 * Which cases a test runs that has them all: with
 * GOODBYTE_CASES=representative those that stand for the others.
 */
export function chosenCases(
  scenarios: readonly Scenario[],
): ((tested: Case) => boolean) | undefined {
  if (process.env['GOODBYTE_CASES'] !== 'representative') return undefined;
  const stand = new Set(
    scenarios.flatMap((one) => representativesOf(one).map(({ name }) => name)),
  );
  return ({ name }) => stand.has(name);
}
