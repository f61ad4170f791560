// Writes the list of all cases that there are as the next frozen case list,
// conformance/case-lists/N.json: `goodbyte conformance run --case-list N` runs
// exactly these for ever. A list that is there is never written again.

import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadScenarios, planRuns } from '../dist/conformance/index.js';
import {
  caseListVersions,
  nameInList,
} from '../dist/conformance/scenario/case-list.js';

const folder = new URL('../conformance/case-lists/', import.meta.url);
mkdirSync(folder, { recursive: true });

const version = (caseListVersions().at(-1) ?? 0) + 1;
const { runs } = planRuns({ scenarios: loadScenarios(), maxOrders: 1 });
const cases = [...new Set(runs.map(({ tested }) => nameInList(tested)))];

const file = fileURLToPath(new URL(`${version}.json`, folder));
writeFileSync(file, `${JSON.stringify({ version, cases }, undefined, 2)}\n`, {
  flag: 'wx',
});
process.stdout.write(`${file}: ${cases.length} cases\n`);
