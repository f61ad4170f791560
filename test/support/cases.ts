import type { Case, Scenario } from '../../conformance/index.js';
import { representativesOf } from '../../conformance/scenario/representatives.js';

/**
 * Which cases a test runs that has them all: with
 * GOODBYTE_CASES=representative those that stand for the others; with
 * GOODBYTE_CASES=serving those, but on the transport that serves here all.
 *
 * @param serving whether it runs on that transport
 */
export function chosenCases(
  scenarios: readonly Scenario[],
  serving = true,
): ((tested: Case) => boolean) | undefined {
  const { GOODBYTE_CASES: chosen } = process.env;
  const all = serving ? chosen !== 'representative' : chosen === undefined;
  if (all) return undefined;
  const stand = new Set(
    scenarios.flatMap((one) => representativesOf(one).map(({ name }) => name)),
  );
  return ({ name }) => stand.has(name);
}
