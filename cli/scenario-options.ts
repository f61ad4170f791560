import {
  loadScenarios,
  ScenarioError,
  type Case,
  type Family,
  type Scenario,
} from '../conformance/index.js';
import {
  CaseListError,
  inCaseList,
  loadCaseList,
} from '../conformance/scenario/case-list.js';
import { allFamilies } from '../conformance/scenario/expand.js';
import { fitsGlobs } from '../conformance/scenario/select.js';
import { near } from './near.js';
import { UsageError, wholeNumber } from './usage-error.js';

/** The options by which scenarios are chosen. */
export const scenarioOptions = {
  scenario: { type: 'string', multiple: true },
  scenarios: { type: 'string' },
  family: { type: 'string', multiple: true },
  'case-list': { type: 'string' },
} as const;

interface Options {
  scenario?: string[] | undefined;
  scenarios?: string | undefined;
  family?: string[] | undefined;
  'case-list'?: string | undefined;
}

/** The selection that the options make. */
export interface Chosen {
  scenarios: Scenario[];
  families: readonly Family[] | undefined;
  only: (tested: Case) => boolean;
  /** The version of the case list, if there is one. */
  caseList: number | undefined;
}

/** The scenarios, the families, and the cases that the options ask for. */
export function chooseScenarios(options: Options): Chosen {
  const { scenario: globs = [], scenarios: folder, family } = options;
  const families: readonly string[] = allFamilies;
  const unknown = family?.find((one) => !families.includes(one));
  if (unknown !== undefined) {
    throw new UsageError(
      `--family takes ${families.join(', ')}, not "${unknown}"`,
    );
  }
  const caseList = wholeNumber('case-list', options['case-list'], 1);
  const all = load(folder);
  const listed = caseList === undefined ? () => true : lookUp(caseList, all);
  const globbed = fitsGlobs(globs);
  // A list, not the scenario, names the families that a case runs on.
  const wanted = family ?? (caseList === undefined ? undefined : allFamilies);
  return {
    scenarios: all,
    families: wanted as readonly Family[] | undefined,
    only: (tested) => globbed(tested) && listed(tested),
    caseList,
  };
}

function lookUp(
  version: number,
  scenarios: readonly Scenario[],
): (tested: Case) => boolean {
  try {
    return inCaseList(loadCaseList(version), scenarios);
  } catch (error) {
    if (!(error instanceof CaseListError)) throw error;
    throw new UsageError(`--case-list: ${error.message}`);
  }
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

/** For globs without a match: scenarios, or groups of them, that they may mean. */
export function nearScenarios(
  globs: readonly string[] | undefined,
  scenarios: readonly Scenario[],
): string {
  const ids = scenarios.map(({ id }) => id);
  const groups = new Set(ids.map((id) => id.slice(0, id.indexOf('/'))));
  const names = [
    ...groups,
    ...ids,
    ...ids.map((id) => id.slice(id.indexOf('/') + 1)),
  ];
  const found = (globs ?? []).flatMap((glob) =>
    near(glob.replaceAll(/[!*]|\/\*?$/g, ''), names).map((name) =>
      groups.has(name)
        ? `${name}/*`
        : ids.find((id) => id === name || id.endsWith(`/${name}`))!,
    ),
  );
  const unique = [...new Set(found)];
  return unique.length > 0
    ? `goodbyte: no scenario fits; near it: ${unique.join(', ')}\n`
    : 'goodbyte: no scenario fits; `goodbyte conformance list` has all\n';
}
