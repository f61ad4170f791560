import t from 'tap';
import {
  childAgent,
  loadScenarios,
  planRuns,
  runSuite,
} from '../../conformance/index.js';
import { loadNative } from '../../src/native.js';
import { chosenCases } from '../support/cases.js';
import { PATIENCE } from '../support/patience.js';
import { needsUnix } from '../support/platform.js';
import { main } from '../support/programs.js';

// What one transport says the other understands: all scenarios, between two
// processes, in each pair.

const scenarios = loadScenarios();
const transports = ['engine', 'stream'] as const;

const loaded = loadNative();
const noEngine = loaded.native ? false : `no addon: ${loaded.reason}`;
const serving =
  process.env['GOODBYTE_TRANSPORT'] ?? (loaded.native ? 'engine' : 'stream');
const noEnv = needsUnix('env(1)');

const agent = (transport: string) =>
  childAgent([
    'env',
    `GOODBYTE_TRANSPORT=${transport}`,
    process.execPath,
    main,
    'conformance',
    'agent',
  ]);

for (const client of transports) {
  for (const server of transports) {
    const serves = client === serving && server === serving;
    const needsEngine = client === 'engine' || server === 'engine';
    const skip = noEnv || (needsEngine && noEngine);
    t.test(`${client} calls ${server}`, { skip }, async (t) => {
      const plan = { scenarios, only: chosenCases(scenarios, serves) };
      const { runs } = await runSuite({
        ...plan,
        client: agent(client),
        server: agent(server),
        jobs: 2,
        timeout: PATIENCE,
      });
      t.equal(runs.length, planRuns(plan).runs.length);
      t.strictSame(
        runs
          .filter(({ verdict }) => verdict !== 'OK')
          .map(({ id, order, verdict, findings }) => [
            [id, order, verdict].join(' | '),
            findings,
          ]),
        [],
      );
    });
  }
}
