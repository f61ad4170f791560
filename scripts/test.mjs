// Runs the compiled tests, and measures how much of src/ they reached.
//
//   node scripts/test.mjs                              everything
//   node scripts/test.mjs test/scripts/setup.test.ts   some, without coverage
//   node scripts/test.mjs --no-coverage                everything, once: faster
//
// Everything runs on the transport that the library chooses here, and what
// opens sockets once more on each of the others, without coverage.
//
// The outcome is left in .tap/summary.json as well.

import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Coverage } from './coverage.mjs';
import { parseOptions } from './options.mjs';
import { say } from './tap-report.mjs';
import { compiled, FOLDERS_OF_SOCKETS, testsIn } from './test-files.mjs';
import { runHere, TestRun } from './test-run.mjs';

/**
 * Not run on every transport, as test/lifecycle is not: these set the variable
 * themselves, or are about the runner.
 */
const CHOOSES_ITSELF = /^(transports|hosts|limits|agent-protocol)\.test\.js$/;

/** Values of GOODBYTE_TRANSPORT. */
const TRANSPORTS = ['engine', 'stream', 'engine,stream', 'stream,engine'];

/** scripts/test-windows.mjs runs those. */
const BETWEEN_SYSTEMS = 'dist/test/windows/';

/** What the library tells of the transport, in a process of its own. */
function transportWith(variable) {
  const { GOODBYTE_TRANSPORT: _, ...env } = process.env;
  const output = execFileSync(
    process.execPath,
    ['dist/src/cli/main.js', 'info', '--json'],
    { env: variable ? { ...env, GOODBYTE_TRANSPORT: variable } : env },
  );
  return JSON.parse(output).providers.find(({ name }) => name === 'framed');
}

/** Runs what opens sockets on each transport that has not been used yet. */
async function runOnOtherTransports(run) {
  const used = transportWith(process.env.GOODBYTE_TRANSPORT);
  const addon = transportWith();
  const files = FOLDERS_OF_SOCKETS.flatMap((folder) =>
    testsIn(root, folder),
  ).filter((file) => !CHOOSES_ITSELF.test(basename(file)));
  for (const transport of TRANSPORTS) {
    const [connecting, listening = connecting] = transport.split(',');
    if (connecting === used.transport && listening === used.listening) continue;
    say(`\n-- what opens sockets, with GOODBYTE_TRANSPORT=${transport}`);
    if (transport !== 'stream' && addon.transport !== 'engine') {
      run.skip('all of it', addon.reason);
      continue;
    }
    const env = { GOODBYTE_TRANSPORT: transport };
    await run.runFiles(files, (file) => runHere(file, env));
  }
}

const { values, positionals } = parseOptions({
  options: { 'no-coverage': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

// `npm run test:windows` runs what needs another system than this one.
const run = new TestRun(root, /^needs Windows\b/);
if (positionals.length > 0 || values['no-coverage']) {
  const chosen = positionals.length > 0 ? positionals : ['test/'];
  await run.runFiles(chosen.flatMap(compiled).filter(isForHere), runHere);
  run.end();
}
const coverage = new Coverage(root);
await run.runFiles(testsIn(root).filter(isForHere), (file) =>
  runHere(file, coverage.environment),
);
const enough = await coverage.report();
await runOnOtherTransports(run);
run.end({ coverage: enough });

function isForHere(file) {
  return !file.startsWith(BETWEEN_SYSTEMS);
}
