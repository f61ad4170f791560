import t from 'tap';
import { chosenCases } from '../support/cases.js';
import { PATIENCE } from '../support/patience.js';
import { isWindows } from '../support/platform.js';
import {
  inProcessAgent,
  loadScenarios,
  planRuns,
  runSuite,
} from '../../conformance/index.js';

// A named pipe of Windows' ends in both directions at once: an end that breaks
// the wire format cannot hear what is said to that.
const endsBothWays = isWindows;

// The families that a scenario does not run on by itself.
for (const family of ['IPv6', 'unix'] as const) {
  t.test(`every scenario that can runs over ${family}`, async (t) => {
    const scenarios = loadScenarios().filter(
      ({ id }) =>
        !(endsBothWays && family === 'unix' && id.startsWith('wire-')),
    );
    const plan = {
      scenarios,
      families: [family],
      only: chosenCases(scenarios),
    };
    const { runs } = await runSuite({
      ...plan,
      client: inProcessAgent(),
      server: inProcessAgent(),
      timeout: PATIENCE,
    });
    t.equal(runs.length, planRuns(plan).runs.length);
    t.ok(runs.some(({ id }) => id.startsWith('plain-peer/')));
    t.strictSame(
      runs
        .filter(({ verdict }) => !['OK', 'INFORMATIONAL'].includes(verdict))
        .map(({ id, order, findings }) => [id, order, findings]),
      [],
    );
  });
}
