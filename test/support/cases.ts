import type { Case, Scenario } from '../../conformance/index.js';
import { representativesOf } from '../../conformance/scenario/representatives.js';

/** Whether a case is representative. */
export function representatives(
  scenarios: readonly Scenario[],
): (tested: Case) => boolean {
  const stand = new Set(
    scenarios.flatMap((one) => representativesOf(one).map(({ name }) => name)),
  );
  return ({ name }) => stand.has(name);
}

/**
 * The cases that a test of all of them runs: with GOODBYTE_CASES=representative only
 * the representative ones.
 */
export function chosenCases(
  scenarios: readonly Scenario[],
): ((tested: Case) => boolean) | undefined {
  return process.env['GOODBYTE_CASES'] === 'representative'
    ? representatives(scenarios)
    : undefined;
}
