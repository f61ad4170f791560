import t from 'tap';
import {
  inProcessAgent,
  planRuns,
  runSuite,
  type Case,
  type Scenario,
} from '../../conformance/index.js';
import { PATIENCE } from './patience.js';

/**
 * Tests that cases pass over a family on which scenarios do not run by default.
 *
 * @param among a prefix that the id of at least one of them has
 */
export function testOverFamily(
  family: 'IPv6' | 'unix',
  scenarios: readonly Scenario[],
  among: string,
  only?: (tested: Case) => boolean,
): void {
  t.test(`every scenario that can runs over ${family}`, async (t) => {
    const plan = { scenarios, families: [family], only };
    const { runs } = await runSuite({
      ...plan,
      client: inProcessAgent(),
      server: inProcessAgent(),
      jobs: 8,
      timeout: PATIENCE,
    });
    t.equal(runs.length, planRuns(plan).runs.length);
    t.ok(runs.some(({ id }) => id.startsWith(among)));
    t.strictSame(
      runs
        .filter(({ verdict }) => !['OK', 'INFORMATIONAL'].includes(verdict))
        .map(({ id, order, findings }) => [id, order, findings]),
      [],
    );
  });
}
