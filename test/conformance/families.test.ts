import t from 'tap';
import {
  inProcessAgent,
  loadScenarios,
  planRuns,
  runSuite,
} from '../../conformance/index.js';

t.setTimeout(120_000);

// What each scenario does not run on by itself.
for (const family of ['IPv6', 'unix'] as const) {
  t.test(`every scenario that can runs over ${family}`, async (t) => {
    const plan = { scenarios: loadScenarios(), families: [family] };
    const { runs } = await runSuite({
      ...plan,
      client: inProcessAgent(),
      server: inProcessAgent(),
    });
    t.equal(runs.length, planRuns(plan).runs.length);
    t.ok(runs.some(({ id }) => id.startsWith('plain-peer/')));
    t.strictSame(
      runs
        .filter(({ verdict }) => verdict !== 'OK')
        .map(({ id, order, findings }) => [id, order, findings]),
      [],
    );
  });
}
