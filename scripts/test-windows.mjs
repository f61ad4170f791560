// Runs the tests in Windows' own Node under Wine, on the engine, and those between
// Windows and this system; prints the output of scripts/test.mjs.
//
//   node scripts/test-windows.mjs                            everything
//   node scripts/test-windows.mjs test/server/drain.test.ts  some
//   node scripts/test-windows.mjs --node 22.23.3             in this Node only
//
// It needs Linux on x64 and Wine; without them it skips everything, which is a
// failure with GOODBYTE_FULL. The addon is built if necessary. Files that the death
// of Wine's server broke off run again, twice at most.
//
// The outcome is left in .tap/summary.json as well.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fetchNode } from './nodes.mjs';
import { parseOptions } from './options.mjs';
import { prebuiltCheck } from './prebuilt.mjs';
import { say } from './tap-report.mjs';
import {
  compiled,
  FOLDERS_OF_SOCKETS,
  grouped,
  longestFirst,
  testsIn,
} from './test-files.mjs';
import {
  runHere,
  TEST_ENV,
  TestRun,
  together,
  WAITING_HERE,
} from './test-run.mjs';
import {
  lacksWine,
  runInWine,
  startServer,
  SYSTEM,
  TARGET,
  WINE,
} from './wine.mjs';

/**
 * By version of Wine: all tests run on the newest Node that starts there; on others
 * run the tests that open sockets, those of Winsock2, and representative scenarios.
 */
const [ALL_ON, ...SOCKETS_ON] = {
  8: ['22.23.3', '20.20.2'],
  10: ['26.10.0', '24.21.0'],
  // The last version for x86.
  '10-ia32': ['22.23.2'],
}[WINE];
const OF_SOCKETS = [
  ...FOLDERS_OF_SOCKETS.map((folder) => `${folder}/`),
  'provider/winsock2/windows.test.js',
  'conformance/families.test.js',
];

/**
 * These test the checkout's tools, files that are the same everywhere, the suite's
 * own judgement, or the code above a stand-in for Winsock2, and not goodbyte on
 * Windows.
 */
const LEFT_OUT = [
  'abuse/',
  'architecture.test.js',
  'bench/',
  'conformance/agent-protocol.test.js',
  'conformance/coverage.test.js',
  'conformance/honesty.test.js',
  'conformance/model.test.js',
  'conformance/mutate.test.js',
  'conformance/python-agent.test.js',
  'conformance/scenario.test.js',
  'conformance/wrong-agents.test.js',
  'native/',
  'provider/framed/decoder-mistakes.test.js',
  'provider/winsock2/catalog.test.js',
  'provider/winsock2/dial.test.js',
  'provider/winsock2/scenarios.test.js',
  'provider/winsock2/socket.test.js',
  'provider/winsock2/unreadable.test.js',
  'report/',
  'scripts/',
  'simulation/',
  'types/',
  'whole/',
  'wireshark/',
];
/** These run here, and start programs in Wine. */
const BETWEEN_SYSTEMS = 'windows/';

/**
 * These take longest in Wine, where a process takes ten times as long to start: they
 * begin first, so that neither lane is left with one at the end.
 */
const LONGEST = [
  'lifecycle/workers',
  'scale/restart',
  'lifecycle/loading',
  'lifecycle/memory',
  'lifecycle/handshakes',
  'cli/processes',
].map((name) => `dist/test/${name}.test.js`);

const ADDON = `${TARGET}/goodbyte.node`;
/** Milliseconds for one process in Wine. A busy machine is no failure. */
const TIME_LIMIT = 900_000;
/** Seconds for one test that sets no limit itself. */
const TAP_TIMEOUT = '600';

// Relative paths are the same in Windows; absolute ones are not.
const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

// Tests for another system, for features that Wine lacks, or for a Python of Windows
// may be skipped; any other skip is a failure.
const run = new TestRun(
  root,
  /^(needs (Unix|Linux)|Wine lacks|there is no Python 3.9 or later)\b/,
  WAITING_HERE,
);

function build(what, ...command) {
  const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' });
  if (status === 0) return;
  run.fail(`${what} is not built: ${command.join(' ')} ended with ${status}`);
  run.end();
}

function buildAddon() {
  const trouble = prebuiltCheck('.')(ADDON);
  if (!trouble) return;
  say(`prebuilds/${ADDON} ${trouble}`);
  build('the addon', 'scripts/prebuild.mjs', '--only', TARGET);
}

let server;

/** Runs a program that needs Wine's server. If the server died, it is to blame. */
async function served(work) {
  if (!server || server.ended) server = startServer();
  const own = server;
  const result = await work();
  return own.ended ? { ...result, broken: "Wine's server died" } : result;
}

const limits = (env) => ({
  env: { ...TEST_ENV, TAP_TIMEOUT, ...env },
  timeLimit: TIME_LIMIT,
});

/** Checks that the engine, which is to be tested, serves in a version of Node. */
async function serves(version) {
  const program = fetchNode('.', SYSTEM, version);
  const args = ['dist/cli/main.js', 'info', '--json'];
  const { stdout, stderr } = await served(() =>
    runInWine(program, args, limits()),
  );
  if (/"transport": ?"engine"/.test(stdout)) return true;
  run.fail(
    `the engine does not serve in Node ${version} for Windows, ` +
      `in Wine ${WINE}:\n${stdout}${stderr}`,
  );
  return false;
}

/** Returns a function that runs a group of files in a version of Node. */
function inVersion(version, env) {
  const program = fetchNode('.', SYSTEM, version);
  const on = `Node ${version}`;
  return async (group) => ({
    on,
    ...(await served(() => runInWine(program, together(group), limits(env)))),
  });
}

const rank = ([file]) => LONGEST.indexOf(file) + 1 || LONGEST.length + 1;
const inOrder = (groups) =>
  longestFirst(groups).toSorted((a, b) => rank(a) - rank(b));

const { values, positionals } = parseOptions({
  options: { node: { type: 'string', multiple: true } },
  allowPositionals: true,
});
const lacking = lacksWine();
if (lacking) {
  run.skip('everything', lacking);
  run.end();
}
buildAddon();
// Unchanged files are not compiled again.
build(
  'the reference provider',
  'scripts/reference-provider.mjs',
  '--only',
  TARGET,
  '--test-host',
);
const inFolder = (file, folder) => file.startsWith(`dist/test/${folder}`);
const asked = positionals.flatMap(compiled);
const wanted = testsIn('.').filter(
  (file) =>
    !LEFT_OUT.some((folder) => inFolder(file, folder)) &&
    (asked.length === 0 || asked.some((path) => file.startsWith(path))),
);
if (wanted.length === 0) run.fail('no such test');
const forWindows = wanted.filter((file) => !inFolder(file, BETWEEN_SYSTEMS));
// These start Node for x64 themselves. They run beside the files for the first
// version; a file never runs in two versions at a time, since both would use the
// same folder of tap's.
let between =
  TARGET === 'win32-x64'
    ? wanted.filter((file) => inFolder(file, BETWEEN_SYSTEMS))
    : [];
const here = async ([file]) => ({
  on: 'here',
  ...(await served(() => runHere(file, {}, [], TIME_LIMIT))),
});
for (const version of values.node ?? [ALL_ON, ...SOCKETS_ON]) {
  const some = SOCKETS_ON.includes(version) && asked.length === 0;
  const files = some
    ? forWindows.filter((file) =>
        OF_SOCKETS.some((folder) => inFolder(file, folder)),
      )
    : forWindows;
  const env = some ? { GOODBYTE_CASES: 'representative' } : {};
  const groups = between.map((file) => [file]);
  between = [];
  if (files.length > 0 && (await serves(version))) {
    groups.push(...grouped(files));
  }
  if (groups.length === 0) continue;
  say(`\n-- Node ${version} for Windows, in Wine ${WINE}`);
  const there = inVersion(version, env);
  await run.runGroups(inOrder(groups), (group) =>
    inFolder(group[0], BETWEEN_SYSTEMS) ? here(group) : there(group),
  );
}
run.end();
