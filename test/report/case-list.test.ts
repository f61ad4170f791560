import t from 'tap';
import { loadScenarios, planRuns } from '../../conformance/index.js';
import {
  caseListVersions,
  inCaseList,
  loadCaseList,
  nameInList,
} from '../../conformance/scenario/case-list.js';
import { allFamilies } from '../../conformance/scenario/expand.js';

const scenarios = loadScenarios();

await t.test('every case of a frozen list is there for ever', (t) => {
  t.ok(caseListVersions().length > 0);
  for (const version of caseListVersions()) {
    const list = loadCaseList(version);
    t.equal(list.version, version);
    t.equal(new Set(list.cases).size, list.cases.length, 'none is there twice');
    const { runs } = planRuns({
      scenarios,
      families: allFamilies,
      only: inCaseList(list, scenarios),
      maxOrders: 1,
    });
    const ran = new Set(runs.map(({ tested }) => nameInList(tested)));
    t.strictSame([...ran].toSorted(), list.cases.toSorted());
  }
  t.end();
});

await t.test('a vanished case is reported', (t) => {
  const list = { version: 9, cases: ['close/bare-fin', 'close/gone'] };
  t.throws(() => inCaseList(list, scenarios), {
    name: 'CaseListError',
    message: /^case list 9 has cases .* have not: close\/gone$/,
  });
  t.throws(() => loadCaseList(9999), /no case list 9999; choose one of 1, 2/);
  t.end();
});
