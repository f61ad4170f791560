// Runs the compiled tests.
//
//   node scripts/test.mjs                              what each change needs
//   node scripts/test.mjs test/scripts/setup.test.ts   some
//   node scripts/test.mjs --coverage                   the same, measured
//   node scripts/test.mjs --all                        all there is, measured
//   node scripts/test.mjs --all --rest                 what that adds, measured
//
// Everything runs on the transport that the library chooses here, and what
// opens sockets on the other one as well. With --all that is the case for each
// pair of transports, and test/whole runs too. Measured is how much of src/ and
// cli/ was reached. What --rest adds reaches src/ as well, over pairs of transports;
// for cli/ and what no socket does it runs some once more.
//
// The outcome is left in .tap/summary.json as well.

import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Coverage } from './coverage.mjs';
import { parseOptions } from './options.mjs';
import {
  compiled,
  FOLDERS_OF_SOCKETS,
  grouped,
  longestFirst,
  testsIn,
  WHOLE,
} from './test-files.mjs';
import { WAITING_HERE, runTogether, TestRun } from './test-run.mjs';

/**
 * Not run on every transport, as test/lifecycle is not: these set the variable
 * themselves, or are about the runner or about one transport.
 */
const CHOOSES_ITSELF =
  /^(transports|hosts|limits|agent-protocol|slabs|walk)\.test\.js$/;

/** Values of GOODBYTE_TRANSPORT: what connects, and what listens. */
const TRANSPORTS = ['engine', 'stream'];
const PAIRS = ['engine,stream', 'stream,engine'];

/** scripts/test-windows.mjs runs those. */
const BETWEEN_SYSTEMS = 'dist/test/windows/';
/** Of what --rest leaves to `npm test`, what it measures. */
const MEASURED_AGAIN = ['cli', 'provider/winsock2'];

/** The transport that the library reports, in a process of its own. */
function transportWith(variable) {
  const { GOODBYTE_TRANSPORT: _, ...env } = process.env;
  const output = execFileSync(
    process.execPath,
    ['lib/main.js', 'info', '--json'],
    { env: variable ? { ...env, GOODBYTE_TRANSPORT: variable } : env },
  );
  return JSON.parse(output).providers.find(({ name }) => name === 'framed');
}

/** What opens sockets, for each of these transports that is not used yet. */
function onOthers(run, transports) {
  const used = transportWith(process.env.GOODBYTE_TRANSPORT);
  const addon = transportWith();
  const files = FOLDERS_OF_SOCKETS.flatMap((folder) =>
    testsIn(root, folder),
  ).filter((file) => !CHOOSES_ITSELF.test(basename(file)));
  return transports.flatMap((transport) => {
    const [connecting, listening = connecting] = transport.split(',');
    if (connecting === used.transport && listening === used.listening)
      return [];
    if (transport !== 'stream' && addon.transport !== 'engine') {
      run.skip(`what opens sockets, on ${transport}`, addon.reason);
      return [];
    }
    return grouped(files).map((group) => ({ group, transport }));
  });
}

const { values, positionals } = parseOptions({
  options: {
    all: { type: 'boolean', default: false },
    coverage: { type: 'boolean', default: false },
    rest: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

// `npm run test:windows` runs what needs another system than this one.
const run = new TestRun(root, /^needs Windows\b/, WAITING_HERE);
const named = positionals.length > 0;
const files = (named ? positionals : ['test/'])
  .flatMap(compiled)
  .filter((file) => !file.startsWith(BETWEEN_SYSTEMS));
const isNeeded = (file) => named || !file.startsWith(WHOLE);
const measured = values.all || values.coverage;
const coverage = measured ? new Coverage(root) : undefined;
const environment = coverage?.environment;
const first = values.rest
  ? MEASURED_AGAIN.flatMap((folder) => testsIn(root, folder))
  : files.filter(isNeeded);
const groups = grouped(first).map((group) => ({ group, env: environment }));
if (!named) {
  const transports = [
    ...(values.rest ? [] : TRANSPORTS),
    ...(values.all ? PAIRS : []),
  ];
  for (const { group, transport } of onOthers(run, transports)) {
    const env = values.rest && environment;
    groups.push({ group, transport, env });
  }
  const whole = values.all ? files.filter((file) => !isNeeded(file)) : [];
  groups.unshift(...whole.map((file) => ({ group: [file] })));
}
const how = new Map(groups.map(({ group, ...rest }) => [group, rest]));
await run.runGroups(longestFirst([...how.keys()]), async (group) => {
  const { transport: on, env } = how.get(group);
  const variable = on && { GOODBYTE_TRANSPORT: on };
  return { on, ...(await runTogether(group, { ...env, ...variable })) };
});
run.end({ coverage: await coverage?.report() });
