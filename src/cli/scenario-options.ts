import {
  loadScenarios,
  matchesGlob,
  ScenarioError,
  type Family,
  type Scenario,
} from '../../conformance/index.js';
import { UsageError } from './usage-error.js';

/** The options by which scenarios are chosen. */
export const scenarioOptions = {
  scenario: { type: 'string', multiple: true },
  scenarios: { type: 'string' },
  family: { type: 'string', multiple: true },
} as const;

interface Chosen {
  scenario?: string[] | undefined;
  scenarios?: string | undefined;
  family?: string[] | undefined;
}

const families: readonly string[] = ['IPv4', 'IPv6', 'unix'];

/** The scenarios, and the families, that the options ask for. */
export function chooseScenarios({ scenario, scenarios, family }: Chosen): {
  scenarios: Scenario[];
  families: Family[] | undefined;
} {
  const unknown = family?.find((one) => !families.includes(one));
  if (unknown !== undefined) {
    throw new UsageError(
      `--family takes ${families.join(', ')}, not "${unknown}"`,
    );
  }
  const all = load(scenarios);
  return {
    scenarios: scenario
      ? all.filter(({ id }) => scenario.some((glob) => matchesGlob(id, glob)))
      : all,
    families: family as Family[] | undefined,
  };
}

function load(folder: string | undefined): Scenario[] {
  try {
    return loadScenarios(folder);
  } catch (error) {
    if (error instanceof ScenarioError) throw new UsageError(error.message);
    if (folder !== undefined && (error as { code?: string }).code) {
      throw new UsageError(
        `--scenarios ${folder}: ${(error as Error).message}`,
      );
    }
    throw error;
  }
}
