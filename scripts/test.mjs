// Runs the compiled tests.
//
//   node scripts/test.mjs                              the tests that each change needs
//   node scripts/test.mjs test/scripts/setup.test.ts   some
//   node scripts/test.mjs --coverage                   the same, with coverage
//   node scripts/test.mjs --all                        all tests, with coverage
//   node scripts/test.mjs --all --rest                 those that --all adds, with coverage
//
// Everything runs on the transport that the library chooses here, and the tests that
// open sockets on the other one as well. With --all these run on each pair of
// transports, and test/whole runs too. Coverage is measured of src/ and cli/. What
// --rest adds reaches src/ as well, over pairs of transports; for cli/ and the code
// that needs no socket it repeats some tests.
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
 * Not run on every transport, like test/lifecycle: these set the variable themselves,
 * or test the runner or one transport.
 */
const CHOOSES_ITSELF =
  /^(transports|hosts|limits|agent-protocol|slabs|walk)\.test\.js$/;

/** Values of GOODBYTE_TRANSPORT: for connecting and for listening. */
const TRANSPORTS = ['engine', 'stream'];
const PAIRS = ['engine,stream', 'stream,engine'];

/** scripts/test-windows.mjs runs these. */
const BETWEEN_SYSTEMS = 'dist/test/windows/';
/** The tests that --rest repeats for coverage, of those that it leaves to `npm test`. */
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

/** Runs the tests that open sockets on each of these transports not used yet. */
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
      run.skip(`the tests that open sockets, on ${transport}`, addon.reason);
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

// `npm run test:windows` runs the tests that need Windows.
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
