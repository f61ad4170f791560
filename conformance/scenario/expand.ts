import type { Case, Family, Scenario, Step } from './types.js';

/** Every family that there is. */
export const allFamilies = ['IPv4', 'IPv6', 'unix'] as const;

type Parameters = Record<string, string | number>;

/** Every case of a scenario: its matrix on each of the families. */
export function casesOf(
  scenario: Scenario,
  wanted?: readonly Family[],
): Case[] {
  const possible = scenario.families ?? [...allFamilies];
  const families = (
    wanted ??
    scenario.defaultFamilies ??
    possible.slice(0, 1)
  ).filter((family) => possible.includes(family));
  return families.flatMap((family) =>
    combinations(scenario.matrix ?? {}).map((parameters) => ({
      scenario,
      name: nameOf(scenario.id, parameters),
      family,
      socketType: scenario.socketType ?? 'stream',
      parameters,
      steps: fillIn(scenario.steps, parameters) as Step[],
    })),
  );
}

/** A case's name in lists and reports: the family is told if not IPv4. */
export function caseName(tested: { id: string; family: Family }): string {
  const { id, family } = tested;
  return family === 'IPv4' ? id : `${id} (${family})`;
}

/** A run's name: its case, its order, and its number if it was repeated. */
export function runName(run: {
  id: string;
  family: Family;
  order: string;
  repetition: number;
}): string {
  const { order, repetition } = run;
  return [
    caseName(run),
    ...(order === '' ? [] : [order]),
    ...(repetition > 1 ? [`#${repetition}`] : []),
  ].join(', ');
}

function nameOf(id: string, parameters: Parameters): string {
  const parts = Object.entries(parameters).map(([key, value]) =>
    [key, value].join('='),
  );
  return parts.length === 0 ? id : `${id}[${parts.join(',')}]`;
}

function combinations(
  matrix: Record<string, readonly (string | number)[]>,
): Parameters[] {
  let all: Parameters[] = [{}];
  for (const [name, values] of Object.entries(matrix)) {
    all = all.flatMap((chosen) =>
      values.map((value) => ({ ...chosen, [name]: value })),
    );
  }
  return all;
}

/** Replaces each `{"parameter": name}` by its value. */
function fillIn(value: unknown, parameters: Parameters): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => fillIn(item, parameters));
  }
  if (typeof value !== 'object' || value === null) return value;
  const name = (value as { parameter?: unknown }).parameter;
  if (typeof name === 'string' && Object.keys(value).length === 1) {
    const found = parameters[name];
    if (found === undefined) {
      throw new RangeError(`the matrix has no parameter "${name}"`);
    }
    return found;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fillIn(item, parameters)]),
  );
}
