import t from 'tap';
import {
  childAgent,
  loadScenarios,
  planRuns,
  runSuite,
  type Case,
} from '../../conformance/index.js';
import { loadNative } from '../../src/native.js';
import { PATIENCE } from './patience.js';
import { needsUnix } from './platform.js';
import { main } from './programs.js';

export type Transport = 'engine' | 'stream';
export const transports = ['engine', 'stream'] as const;

export const scenarios = loadScenarios();

const loaded = loadNative();
const noEngine = loaded.native ? false : `no addon: ${loaded.reason}`;
const noEnv = needsUnix('env(1)');

/** The transport that the library chooses here. */
export const serving =
  process.env['GOODBYTE_TRANSPORT'] ?? (loaded.native ? 'engine' : 'stream');

const agent = (transport: Transport) =>
  childAgent([
    'env',
    `GOODBYTE_TRANSPORT=${transport}`,
    process.execPath,
    main,
    'conformance',
    'agent',
  ]);

/** Tests that the transports work together, between two processes. */
export function testBetween(
  client: Transport,
  server: Transport,
  only?: (tested: Case) => boolean,
): void {
  const needsEngine = client === 'engine' || server === 'engine';
  const skip = noEnv || (needsEngine && noEngine);
  t.test(`${client} calls ${server}`, { skip }, async (t) => {
    const plan = { scenarios, only };
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
