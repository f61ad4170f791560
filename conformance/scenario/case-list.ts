import { readdirSync, readFileSync } from 'node:fs';
import { packageFile } from '../package-file.js';
import type { Case, Scenario } from './types.js';
import { allFamilies, caseName, casesOf } from './expand.js';

/** A frozen list of cases. Once released it never changes. */
export interface CaseList {
  version: number;
  /** Ids of cases, with the family in brackets unless it is IPv4. */
  cases: string[];
}

/** As in its file. */
interface WrittenList extends CaseList {
  /** The list whose cases come before its own. */
  extends?: number;
}

/** A list that does not exist, or one with cases that do not exist. */
export class CaseListError extends Error {
  override readonly name = 'CaseListError';
}

const folder = packageFile('conformance', 'case-lists');

/** The versions of the lists of this package. */
export function caseListVersions(): number[] {
  return readdirSync(folder)
    .flatMap((file) => {
      const found = /^(\d+)\.json$/.exec(file);
      return found ? [Number(found[1])] : [];
    })
    .toSorted((a, b) => a - b);
}

/** @throws {CaseListError} the list does not exist. */
export function loadCaseList(version: number): CaseList {
  if (!caseListVersions().includes(version)) {
    throw new CaseListError(
      `no case list ${version}; choose one of ${caseListVersions().join(', ')}`,
    );
  }
  const file = packageFile('conformance', 'case-lists', `${version}.json`);
  const list = JSON.parse(readFileSync(file, 'utf8')) as WrittenList;
  const before = list.extends ? loadCaseList(list.extends).cases : [];
  return { version, cases: [...before, ...list.cases] };
}

/** A case as lists name it. */
export function nameInList({ name, family }: Case): string {
  return caseName({ id: name, family });
}

/**
 * Whether a case is in a list.
 *
 * @throws {CaseListError} the scenarios lack a case of the list.
 */
export function inCaseList(
  { version, cases }: CaseList,
  scenarios: readonly Scenario[],
): (tested: Case) => boolean {
  const there = new Set(
    scenarios
      .flatMap((scenario) => casesOf(scenario, allFamilies))
      .map(nameInList),
  );
  const lacking = cases.filter((name) => !there.has(name));
  if (lacking.length > 0) {
    throw new CaseListError(
      `case list ${version} has cases that these scenarios have not: ` +
        lacking.slice(0, 5).join(', '),
    );
  }
  const listed = new Set(cases);
  return (tested) => listed.has(nameInList(tested));
}
