import { compute } from './computed.js';
import type {
  Case,
  Dimension,
  Family,
  Parameters,
  Scenario,
  SocketType,
  Step,
} from './types.js';
import { vectorOf, vectorsFor } from './vectors.js';

/** Every family. */
export const allFamilies = ['IPv4', 'IPv6', 'unix', 'tls'] as const;

/** The families of a scenario that names none. */
const usualFamilies: readonly Family[] = ['IPv4', 'IPv6', 'unix'];

/** Every case of a scenario: its matrix on each of the families. */
export function casesOf(
  scenario: Scenario,
  wanted?: readonly Family[],
): Case[] {
  const possible = scenario.families ?? usualFamilies;
  const families = (
    wanted ??
    scenario.defaultFamilies ??
    possible.slice(0, 1)
  ).filter((family) => possible.includes(family));
  return families.flatMap((family) => casesOn(scenario, family));
}

/** Cached cases: every plan, list and check asks again. */
const expanded = new WeakMap<Scenario, Map<Family, readonly Case[]>>();

function casesOn(scenario: Scenario, family: Family): readonly Case[] {
  const known = expanded.get(scenario) ?? new Map<Family, readonly Case[]>();
  expanded.set(scenario, known);
  const cases =
    known.get(family) ??
    combinations(scenario.matrix ?? {})
      .filter((parameters) => !isExcepted(scenario, { ...parameters, family }))
      .map((parameters) => caseOf(scenario, family, parameters));
  known.set(family, cases);
  return cases;
}

/** A case's name in lists and reports: with the family unless it is IPv4. */
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

function caseOf(
  scenario: Scenario,
  family: Family,
  parameters: Parameters,
): Case {
  const socketType = (parameters['socketType'] ??
    scenario.socketType ??
    'stream') as SocketType;
  const known = { ...parameters, family, socketType };
  const kept = scenario.steps.filter(({ only = {} }) => holds(only, known));
  const steps = scenario.sequential ? kept.map(afterTheOneBefore) : kept;
  return {
    scenario,
    name: nameOf(scenario.id, parameters),
    family,
    socketType,
    parameters,
    steps: withoutDropped(
      (fillIn(steps, known) as Step[]).map(withoutNone),
      new Set(scenario.steps.map(({ id }) => id)),
    ),
  };
}

/** One after the other, even if the agents run free. */
function afterTheOneBefore(step: Step, index: number, all: Step[]): Step {
  const before = all[index - 1];
  return before ? { ...step, needs: [before.id] } : step;
}

/** Parameters that are not data are left out. */
function withoutNone(step: Step): Step {
  if (!step.with) return step;
  const given = dataOnly(step.with);
  const { condition } = given;
  return {
    ...step,
    with:
      typeof condition === 'object' && condition !== null
        ? { ...given, condition: dataOnly(condition) }
        : given,
  };
}

function dataOnly(given: object): Record<string, unknown> {
  const { data, callerData, ...rest } = given as Record<string, unknown>;
  return {
    ...rest,
    ...(data !== null && data !== undefined && { data }),
    ...(callerData !== null && callerData !== undefined && { callerData }),
  };
}

/** Steps do not wait for steps that the case lacks. */
function withoutDropped(steps: Step[], all: ReadonlySet<string>): Step[] {
  const there = new Set(steps.map(({ id }) => id));
  if (there.size === all.size) return steps;
  const stays = (id: string) => there.has(id) || !all.has(id);
  return steps.map(({ after, needs, ...step }) => ({
    ...step,
    ...(after && { after: after.filter(stays) }),
    ...(needs && { needs: needs.filter(stays) }),
  }));
}

function holds(
  wanted: Record<string, readonly (string | number)[]>,
  known: Parameters,
): boolean {
  return Object.entries(wanted).every(([name, values]) => {
    const value = known[name];
    if (value === undefined) {
      throw new RangeError(`the matrix has no parameter "${name}"`);
    }
    return values.includes(value);
  });
}

function isExcepted(scenario: Scenario, known: Parameters): boolean {
  const { socketType = 'stream', except = [] } = scenario;
  return except.some((one) => holds(one, { socketType, ...known }));
}

function nameOf(id: string, parameters: Parameters): string {
  const parts = Object.entries(parameters).map(([key, value]) =>
    [key, value].join('='),
  );
  return parts.length === 0 ? id : `${id}[${parts.join(',')}]`;
}

/** The values of one parameter: given, or those of the test vectors. */
export function valuesOf(dimension: Dimension): readonly (string | number)[] {
  if ('vectors' in dimension) return vectorsFor(dimension.vectors);
  if (!('cuts' in dimension)) return dimension;
  const { hex } = vectorOf(dimension.cuts);
  const { above = 0, below = hex.length / 2 } = dimension;
  return Array.from(
    { length: below - above - 1 },
    (_, index) => above + 1 + index,
  );
}

function combinations(
  matrix: Readonly<Record<string, Dimension>>,
): Parameters[] {
  let all: Parameters[] = [{}];
  for (const [name, dimension] of Object.entries(matrix)) {
    const values = valuesOf(dimension);
    all = all.flatMap((chosen) =>
      values.map((value) => ({ ...chosen, [name]: value })),
    );
  }
  return all;
}

function parameterOf(parameters: Parameters, name: unknown): string | number {
  const found = parameters[String(name)];
  if (found === undefined) {
    throw new RangeError(`the matrix has no parameter "${String(name)}"`);
  }
  return found;
}

/** Cache of values without parameters: most values, asked for in every case. */
const constants = new WeakSet<object>();

/**
 * Replaces each `{"parameter": name}` and values computed from them; a value
 * without any is returned unchanged.
 */
function fillIn(value: unknown, parameters: Parameters): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (constants.has(value)) return value;
  const filled = Array.isArray(value)
    ? fillInItems(value, parameters)
    : fillInObject(value as Record<string, unknown>, parameters);
  if (filled === value) constants.add(value);
  return filled;
}

function fillInItems(
  items: readonly unknown[],
  parameters: Parameters,
): unknown {
  const filled = items.map((item) => fillIn(item, parameters));
  return filled.every((item, index) => item === items[index]) ? items : filled;
}

function fillInObject(
  object: Record<string, unknown>,
  parameters: Parameters,
): unknown {
  if ('parameter' in object && Object.keys(object).length === 1) {
    return parameterOf(parameters, object['parameter']);
  }
  if ('choose' in object) return choose(object, parameters);
  const entries = Object.entries(object).map(
    ([key, item]) => [key, fillIn(item, parameters)] as const,
  );
  const filled = entries.every(([key, item]) => item === object[key])
    ? object
    : Object.fromEntries(entries.filter(([, item]) => item !== undefined));
  const computed = compute(filled);
  return computed ? computed.value : filled;
}

/** `{"choose": name, "of": {value: …}, "else": …}` */
function choose(
  choice: Record<string, unknown>,
  parameters: Parameters,
): unknown {
  const value = String(parameterOf(parameters, choice['choose']));
  const of = choice['of'] as Record<string, unknown>;
  if (Object.hasOwn(of, value)) return fillIn(of[value], parameters);
  if (Object.hasOwn(choice, 'else')) return fillIn(choice['else'], parameters);
  throw new RangeError(`no choice for ${String(choice['choose'])}=${value}`);
}
