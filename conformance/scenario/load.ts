import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile } from '../package-file.js';
import { readText, withoutMark } from '../text-file.js';
import { behaviourScenarios } from './behaviour.js';
import { predecessors, linearExtensions } from './order.js';
import { findClause } from './clauses.js';
import { casesOf } from './expand.js';
import { validate, type Schema } from '../schema.js';
import type { Clause, Scenario, Step } from './types.js';

/** An invalid scenario file, with every reason. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly problems: readonly string[];

  constructor(file: string, problems: readonly string[]) {
    super(`${file} is not a valid scenario:\n  ${problems.join('\n  ')}`);
    this.problems = problems;
  }
}

/** The folder of this package's scenarios. */
export const scenarioFolder = packageFile('conformance', 'scenarios');

let schema: Schema | undefined;

/** The JSON Schema of a scenario file. */
export function scenarioSchema(): Schema {
  schema ??= JSON.parse(
    readFileSync(packageFile('conformance', 'scenario.schema.json'), 'utf8'),
  ) as Schema;
  return schema;
}

/**
 * Checks a scenario file.
 *
 * @param name of the file, for the error.
 * @throws {ScenarioError}
 */
export function parseScenario(text: string, name: string): Scenario {
  let value: unknown;
  try {
    value = JSON.parse(withoutMark(text));
  } catch (error) {
    throw new ScenarioError(name, [(error as Error).message]);
  }
  const problems = validate(value, scenarioSchema());
  if (problems.length > 0) throw new ScenarioError(name, problems);
  let scenario: Scenario;
  try {
    scenario = completed(value as Written<Scenario>);
  } catch (error) {
    throw new ScenarioError(name, [(error as Error).message]);
  }
  problems.push(...senseOf(scenario));
  if (problems.length > 0) throw new ScenarioError(name, problems);
  return scenario;
}

/** One of this package's scenarios, which the tests have checked. */
const parseShipped = (text: string): Scenario =>
  completed(JSON.parse(text) as Written<Scenario>);

type WrittenStep = Omit<Step, 'clause'> & { clause?: Clause | string };

/** As written in the file: a clause may be an id, and steps may be shared. */
type Written<T extends { clause?: Clause }> = Omit<T, 'clause' | 'steps'> & {
  clause: Clause | string;
  given?: string;
  steps: WrittenStep[];
};

let openings: Readonly<Record<string, readonly WrittenStep[]>> | undefined;

/** The steps of openings.json with that name, which many scenarios share. */
function opening(name: string): readonly WrittenStep[] {
  openings ??= JSON.parse(
    readFileSync(packageFile('conformance', 'openings.json'), 'utf8'),
  ) as Record<string, WrittenStep[]>;
  return openings[name]!;
}

/**
 * Puts its opening first, looks up the clauses, and lists all that the scenario
 * checks.
 */
function completed({
  clause,
  clauses = [],
  given,
  ...rest
}: Written<Scenario>): Scenario {
  const ids = new Set<string>();
  const lookUp = (named: Clause | string): Clause => {
    if (typeof named !== 'string') return named;
    ids.add(named);
    return findClause(named);
  };
  const found = lookUp(clause);
  const written = [...(given ? opening(given) : []), ...rest.steps];
  const steps = written.map(({ clause: own, ...step }): Step => {
    for (const id of step.clauses ?? []) lookUp(id);
    return { ...step, ...(own !== undefined && { clause: lookUp(own) }) };
  });
  for (const id of clauses) lookUp(id);
  return { ...rest, clause: found, clauses: [...ids], steps };
}

/** Checks that a schema cannot express. */
function senseOf(scenario: Scenario): string[] {
  const ids = scenario.steps.map((step) => step.id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  if (twice.length > 0) return [`/steps has the id "${twice[0]}" twice`];
  try {
    // Most cases have the same steps in the same order.
    const different = new Map(
      casesOf(scenario).map(({ steps }) => [
        steps.map(({ id }) => id).join(' '),
        steps,
      ]),
    );
    for (const steps of different.values()) {
      for (const kept of ['forced', 'free'] as const) {
        linearExtensions(predecessors(steps, kept), 1);
      }
    }
  } catch (error) {
    return [`/steps: ${(error as Error).message}`];
  }
  return [];
}

/** The scenarios of this package: they do not change while it is loaded. */
let shipped: readonly Scenario[] | undefined;

/**
 * Every scenario of a folder, checked, by id; without a folder, those of this
 * package, which are read once, and those made from the behaviour vectors.
 *
 * @throws {ScenarioError}
 */
export function loadScenarios(folder?: string): Scenario[] {
  if (folder !== undefined) return sorted(scenariosIn(folder, parseScenario));
  shipped ??= sorted([
    ...scenariosIn(scenarioFolder, parseShipped),
    ...behaviourScenarios(),
  ]);
  return [...shipped];
}

function scenariosIn(
  folder: string,
  parse: (text: string, name: string) => Scenario,
): Scenario[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const path = join(folder, file);
      const scenario = parse(readText(path), path);
      const slug = file.replaceAll('\\', '/').replace(/\.json$/, '');
      if (scenario.id !== slug) {
        throw new ScenarioError(path, [`/id has to be "${slug}"`]);
      }
      return scenario;
    });
}

function sorted(scenarios: readonly Scenario[]): Scenario[] {
  return scenarios.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Whether an id fits a pattern, in which `*` stands for anything. */
export function matchesGlob(id: string, glob: string): boolean {
  const pattern = glob
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${pattern}$`).test(id);
}
