import type { Case, Scenario } from '../../conformance/index.js';
import { representativesOf } from '../../conformance/scenario/representatives.js';

/** Whether a case is one of those that stand for the others. */
export function representatives(
  scenarios: readonly Scenario[],
): (tested: Case) => boolean {
  const stand = new Set(
    scenarios.flatMap((one) => representativesOf(one).map(({ name }) => name)),
  );
  return ({ name }) => stand.has(name);
}

/**
 * Which cases a test runs that has them all: with
 * GOODBYTE_CASES=representative those that stand for the others.
 */
export function chosenCases(
  scenarios: readonly Scenario[],
): ((tested: Case) => boolean) | undefined {
  return process.env['GOODBYTE_CASES'] === 'representative'
    ? representatives(scenarios)
    : undefined;
}
