import t from 'tap';
import {
  inProcessAgent,
  loadScenarios,
  runSuite,
  type RunResult,
  type Scenario,
} from '../../conformance/index.js';
import {
  faultNames,
  findFault,
  loadCatches,
  type Culprit,
} from '../../conformance/wrong-agents/index.js';
import { sideBySide } from '../../conformance/runner/side-by-side.js';
import { representativesOf } from '../../conformance/scenario/representatives.js';
import { PATIENCE } from '../support/patience.js';
import { isWindows } from '../support/platform.js';

const scenarios = loadScenarios();
const catches = loadCatches();

// A wrong agent may never answer: its limit is the time that the right ones took for
// the whole scenario, plus this.
const WRONG_LIMIT = 500;
const took = new Map<string, number>();

async function run(
  scenario: Scenario,
  culprit?: Culprit,
): Promise<RunResult[]> {
  const agent = (role: Culprit['role']) =>
    inProcessAgent(
      culprit?.role === role ? (findFault(culprit.fault) ?? {}) : {},
    );
  const representatives = representativesOf(scenario);
  const names = new Set(representatives.map(({ name }) => name));
  const { runs } = await runSuite({
    scenarios: [scenario],
    families: representatives.slice(0, 1).map(({ family }) => family),
    only: ({ name }) => names.has(name),
    client: agent('client'),
    server: agent('server'),
    timeout: culprit ? WRONG_LIMIT + took.get(scenario.id)! : PATIENCE,
  });
  return runs;
}

await t.test('every scenario has a wrong agent, and every fault one', (t) => {
  t.strictSame(
    [...catches.keys()].toSorted(),
    scenarios.map(({ id }) => id),
  );
  t.strictSame(
    [...catches].filter(([, culprits]) => culprits.length === 0),
    [],
  );
  const used = new Set([...catches.values()].flat().map(({ fault }) => fault));
  t.strictSame([...used].toSorted(), faultNames.toSorted());
  t.end();
});

await t.test('the right agents pass', async (t) => {
  await sideBySide(scenarios, 8, async (scenario) => {
    const runs = await run(scenario);
    t.ok(runs.length > 0, `${scenario.id} ran`);
    const longest = Math.max(...runs.map(({ milliseconds }) => milliseconds));
    took.set(scenario.id, Math.ceil(longest));
    for (const { id, order, verdict, findings } of runs) {
      // Only Windows may have the informational outcome.
      const right = isWindows && verdict === 'INFORMATIONAL' ? verdict : 'OK';
      t.equal(verdict, right, `${id} ${order}`, { findings });
    }
  });
});

await t.test('each wrong agent fails its scenario', async (t) => {
  const pairs = scenarios.flatMap((scenario) =>
    (catches.get(scenario.id) ?? []).map((culprit) => ({ scenario, culprit })),
  );
  await sideBySide(pairs, 8, async ({ scenario, culprit }) => {
    const name = `${scenario.id}: ${culprit.role} ${culprit.fault}`;
    const runs = await run(scenario, culprit);
    const miss = scenario.level === 'SHOULD' ? 'NON-STRICT' : 'FAILED';
    const failed = runs.filter(
      ({ mode, verdict }) =>
        mode === 'forced' && ['FAILED', miss].includes(verdict),
    );
    t.ok(failed.length > 0, name);
    for (const { findings } of failed) {
      const { step, clause } = findings[0]!;
      const broken = scenario.steps.find(({ id }) => id === step)?.clause;
      t.strictSame(clause, broken ?? scenario.clause, `${name}: clause`);
    }
  });
});
