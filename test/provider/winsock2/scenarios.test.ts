import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import {
  inProcessAgent,
  loadScenarios,
  planRuns,
  runSuite,
} from '../../../conformance/index.js';
import { PATIENCE } from '../../support/patience.js';
import { habits, openSockets } from './fake.js';
import { useFake } from './with-fake.js';

useFake();

// Runs all scenarios above a provider that carries the data: the portable contract has
// to hold whatever its habits are.

const scenarios = loadScenarios().filter(({ families = ['IPv4'] }) =>
  families.includes('IPv4'),
);

const usual = { ...habits };

const cases: [string, Partial<typeof habits>][] = [
  ['as documented', {}],
  ['FD_CLOSE comes before data is read', { closesEarly: true }],
  ['who left is noticed late', { departsLate: true }],
  ['who left has no name', { departsNameless: true }],
  ['sends are taken in parts', { window: 10_000 }],
];

for (const [name, differs] of cases) {
  await t.test(name, async (t) => {
    Object.assign(habits, usual, differs);
    const agent = () => inProcessAgent({ provider: 'winsock2' });
    const { runs } = await runSuite({
      scenarios,
      families: ['IPv4'],
      client: agent(),
      server: agent(),
      jobs: 4,
      timeout: PATIENCE,
    });
    t.equal(
      runs.length,
      planRuns({ scenarios, families: ['IPv4'] }).runs.length,
    );
    for (const { id, order, verdict, warnings, findings } of runs) {
      const isNotRun = warnings.some((text) => text.includes('was not run'));
      t.equal(verdict, isNotRun ? 'UNIMPLEMENTED' : 'OK', `${id} ${order}`, {
        findings,
      });
    }
    // A closed socket continues in the background until its peer is done.
    while (openSockets() > 0) await setImmediate();
    t.pass('nothing is left open');
  });
}
