// Writes the list of all present cases as the next frozen case list,
// conformance/case-lists/N.json, by adding the cases that the previous list lacks:
// `goodbyte conformance run --case-list N` always runs exactly these. An existing
// list is never written again, and nothing is written while the last list has all
// cases.

import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadScenarios, planRuns } from '../dist/conformance/index.js';
import {
  caseListVersions,
  loadCaseList,
  nameInList,
} from '../dist/conformance/scenario/case-list.js';

const folder = new URL('../conformance/case-lists/', import.meta.url);
mkdirSync(folder, { recursive: true });

const last = caseListVersions().at(-1) ?? 0;
const version = last + 1;
const { runs } = planRuns({ scenarios: loadScenarios(), maxOrders: 1 });
const cases = [...new Set(runs.map(({ tested }) => nameInList(tested)))];

const frozen = new Set(last === 0 ? [] : loadCaseList(last).cases);
if (frozen.size === cases.length && cases.every((name) => frozen.has(name))) {
  process.stdout.write(`nothing changed: list ${last} has all cases\n`);
} else {
  const file = fileURLToPath(new URL(`${version}.json`, folder));
  // Cases are never removed, so a list includes all of the previous one.
  const list = {
    version,
    ...(last > 0 && { extends: last }),
    cases: cases.filter((name) => !frozen.has(name)),
  };
  const text = `${JSON.stringify(list, undefined, 2)}\n`;
  writeFileSync(file, text, { flag: 'wx' });
  process.stdout.write(`${file}: ${cases.length} cases\n`);
}
