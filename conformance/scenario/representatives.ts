import { casesOf } from './expand.js';
import type { Case, Scenario } from './types.js';

/** Above this number, {@link FEW} values represent all. */
const MANY = 8;
const FEW = 3;

/**
 * Representative cases of a scenario: of the first family, with each value of
 * each parameter in one of them, or some of the values if many are alike.
 */
export function representativesOf(scenario: Scenario): Case[] {
  const [first = 'IPv4'] = scenario.families ?? [];
  const cases = casesOf(scenario, [first]);
  const wanted = new Map<string, Set<string | number>>();
  for (const name of Object.keys(scenario.matrix ?? {})) {
    const values = cases.map(({ parameters }) => parameters[name]!);
    wanted.set(name, new Set(someOf([...new Set(values)])));
  }
  const chosen = cases.filter(({ parameters }) => {
    const news = Object.entries(parameters).filter(([name, value]) =>
      wanted.get(name)!.has(value),
    );
    for (const [name, value] of news) wanted.get(name)!.delete(value);
    return news.length > 0;
  });
  return chosen.length > 0 ? chosen : cases.slice(0, 1);
}

function someOf<T>(values: readonly T[]): readonly T[] {
  if (values.length <= MANY) return values;
  return Array.from(
    { length: FEW },
    (_, index) =>
      values[Math.round((index * (values.length - 1)) / (FEW - 1))]!,
  );
}
