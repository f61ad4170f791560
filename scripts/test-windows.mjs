// Runs the tests in Windows' own Node under Wine, on the engine, and what is
// between Windows and this system; prints what scripts/test.mjs prints.
//
//   node scripts/test-windows.mjs                            everything
//   node scripts/test-windows.mjs test/server/drain.test.ts  some
//   node scripts/test-windows.mjs --node 22.23.3             in this Node alone
//
// It takes Linux on x64 and Wine; without them there is nothing to run, which
// is a failure with GOODBYTE_FULL. The addon is built when it has to be.
//
// The outcome is left in .tap/summary.json as well.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fetchNode } from './nodes.mjs';
import { prebuiltCheck } from './prebuilt.mjs';
import { lineOn, say, tapReader } from './tap-report.mjs';
import { compiled, FOLDERS_OF_SOCKETS, testsIn } from './test-files.mjs';
import { lacksWine, runInWine } from './wine.mjs';

/** All tests run on the newest that starts in Wine 8. */
const ALL_ON = '22.23.3';
/** Here, what opens sockets, Winsock2's own, and every scenario once. */
const SOCKETS_ON = '20.20.2';
const OF_SOCKETS = [
  ...FOLDERS_OF_SOCKETS.map((folder) => `${folder}/`),
  'provider/winsock2/windows.test.js',
  'conformance/families.test.js',
];

/** These tell of the checkout's tools, and not of goodbyte on Windows. */
const LEFT_OUT = [
  'architecture.test.js',
  'bench/',
  'conformance/model.test.js',
  'conformance/python-agent.test.js',
  'native/',
  'report/page.test.js',
  'scripts/',
];
/** These run here, and start what is to run in Wine. */
const BETWEEN_SYSTEMS = 'windows/';

const ADDON = 'win32-x64/goodbyte.node';
/** Milliseconds for one file. A busy machine is no failure. */
const TIME_LIMIT = 300_000;
/** Lines shown of a file that has not come to its end. */
const LAST_LINES = 40;

// Relative paths mean the same to Windows, which has other absolute ones.
process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const full = Boolean(process.env.GOODBYTE_FULL);
// What is for another system, what Windows has and Wine lacks, and what calls
// for a Python of Windows' is skipped rightly; anything else is lacking.
const SKIPPED_RIGHTLY =
  /^(needs (Unix|Linux)|Wine 8 lacks|there is no python3)\b/;
const isFailure = (reason) => full && !SKIPPED_RIGHTLY.test(reason);

const counts = { passed: 0, failed: 0, skipped: 0 };

function finish() {
  const { passed, failed, skipped } = counts;
  say(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  mkdirSync('.tap', { recursive: true });
  writeFileSync('.tap/summary.json', `${JSON.stringify(counts)}\n`);
  process.exit(failed > 0 ? 1 : 0);
}

function fail(why) {
  counts.failed += 1;
  say(`FAILED  ${why}`);
}

function build(what, ...command) {
  const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' });
  if (status === 0) return;
  fail(`${what} is not built: ${command.join(' ')} ended with ${status}`);
  finish();
}

function buildAddon() {
  const trouble = prebuiltCheck('.')(ADDON);
  if (!trouble) return;
  say(`prebuilds/${ADDON} ${trouble}`);
  build('the addon', 'scripts/prebuild.mjs', '--only', 'win32-x64');
}

/** Says what a test file came to, and counts it. */
function report(file, { status, stdout, stderr }, milliseconds) {
  const inFile = { passed: 0, failed: 0, skipped: 0 };
  const reader = tapReader((what) => {
    counts[what] += 1;
    inFile[what] += 1;
  }, isFailure);
  let ok;
  reader.once('complete', (result) => {
    ok = result.ok;
  });
  reader.end(stdout);
  if ((status !== 0 || !ok) && inFile.failed === 0) {
    inFile.failed += 1;
    const last = stdout.split('\n').slice(-LAST_LINES).join('\n');
    fail(`${file} ended with ${status}\n${last}${stderr}`);
  } else if (inFile.passed + inFile.failed + inFile.skipped === 0) {
    inFile.failed += 1;
    fail(`${file} has tested nothing`);
  }
  say(lineOn(file, inFile, inFile.failed === 0, milliseconds));
}

/** Runs test files, as many at a time as there are processors. */
async function runFiles(files, run) {
  const left = files.values();
  const lane = async () => {
    for (const file of left) {
      const began = Date.now();
      report(file, await run(file), Date.now() - began);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
}

// Seconds for one test that sets no limit itself.
const env = { TAP_TIMEOUT: '60' };

const here = async (file) => {
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIME_LIMIT,
    killSignal: 'SIGKILL',
  });
  const printed = { stdout: '', stderr: '' };
  for (const name of Object.keys(printed)) {
    child[name].setEncoding('utf8').on('data', (text) => {
      printed[name] += text;
    });
  }
  const [code, signal] = await once(child, 'close');
  return { status: code ?? signal, ...printed };
};

async function runOn(version, files) {
  const program = fetchNode('.', 'win-x64', version);
  const inWine = (args) =>
    runInWine(program, args, { env, timeLimit: TIME_LIMIT });
  const { stdout, stderr } = await inWine([
    'dist/src/cli/main.js',
    'info',
    '--json',
  ]);
  say(`\n-- on Node ${version} for Windows, in Wine`);
  if (!/"transport": ?"engine"/.test(stdout)) {
    fail(`the engine does not serve there:\n${stdout}${stderr}`);
    return;
  }
  await runFiles(files, (file) => inWine([file]));
}

const { values, positionals } = parseArgs({
  options: { node: { type: 'string', multiple: true } },
  allowPositionals: true,
});
rmSync('.tap/summary.json', { force: true });

const lacking = lacksWine();
if (lacking) {
  counts[full ? 'failed' : 'skipped'] += 1;
  say(`${full ? 'FAILED ' : 'skipped'} all of it (${lacking})`);
  finish();
}
buildAddon();
// What has not changed is not compiled again.
build('the reference provider', 'scripts/reference-provider.mjs');
// Wine shows Node no link of Unix's. With this one, which serves plugins of
// tap's that a project adds, it would load tap twice; we have none.
rmSync('node_modules/@tapjs/test/test-built/node_modules', { force: true });

const inFolder = (file, folder) => file.startsWith(`dist/test/${folder}`);
const asked = positionals.flatMap(compiled);
const wanted = testsIn('.').filter(
  (file) =>
    !LEFT_OUT.some((folder) => inFolder(file, folder)) &&
    (asked.length === 0 || asked.some((path) => file.startsWith(path))),
);
if (wanted.length === 0) fail('there is no such test');
const forWindows = wanted.filter((file) => !inFolder(file, BETWEEN_SYSTEMS));
for (const version of values.node ?? [ALL_ON, SOCKETS_ON]) {
  const files =
    version === SOCKETS_ON && asked.length === 0
      ? forWindows.filter((file) =>
          OF_SOCKETS.some((folder) => inFolder(file, folder)),
        )
      : forWindows;
  if (files.length > 0) await runOn(version, files);
}
const between = wanted.filter((file) => inFolder(file, BETWEEN_SYSTEMS));
if (between.length > 0) {
  say('\n-- between Windows and Linux');
  await runFiles(between, here);
}
finish();
