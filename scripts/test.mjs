// Runs the compiled tests with tap, prints what a reader needs (a line for
// each test file, every failure whole, one total), and measures how much of
// src/ they reached.
//
//   node scripts/test.mjs                              everything
//   node scripts/test.mjs test/scripts/setup.test.ts   some, without coverage
//   node scripts/test.mjs --no-coverage                everything, once: faster
//   node scripts/test.mjs --timeout=120                options are tap's
//
// Everything runs on the transport that the library chooses here, and what
// opens sockets once more on each of the others, without coverage.
//
// The outcome is left in .tap/summary.json as well.

import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesUnder } from './files.mjs';
import { lineOn, say, tapReader } from './tap-report.mjs';
import { compiled, FOLDERS_OF_SOCKETS, testsIn } from './test-files.mjs';

/** The share of the lines of src/ that the tests have to reach, in percent. */
const LINES_COVERED_AT_LEAST = 95;

/**
 * Not run on every transport, as test/lifecycle is not: these set the variable
 * themselves, or are about the runner.
 */
const CHOOSES_ITSELF = /^(transports|hosts|limits|agent-protocol)\.test\.js$/;

/** Values of GOODBYTE_TRANSPORT. */
const TRANSPORTS = ['engine', 'stream', 'engine,stream', 'stream,engine'];

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => join(root, ...parts);
const summaryFile = at('.tap', 'summary.json');

// With this, the machine is said to have all that the tests can use: a test
// that finds something missing and skips itself is a failure then.
const full = Boolean(process.env.GOODBYTE_FULL);

// `npm run test:windows` runs what needs another system than this one.
const isFailure = (reason) => full && !/^needs Windows\b/.test(reason);

/** Runs tap, and adds what the tests asserted to the counts. */
async function runTests(counts, args, env = process.env) {
  const before = counts.passed + counts.failed;
  const failedBefore = counts.failed;
  let inFile = { passed: 0, failed: 0, skipped: 0 };
  const parser = tapReader((what) => {
    counts[what] += 1;
    inFile[what] += 1;
  }, isFailure);
  parser.on('assert', ({ ok, name, time }) => {
    say(lineOn(name, inFile, ok && !inFile.failed, time));
    inFile = { passed: 0, failed: 0, skipped: 0 };
  });
  // What a test printed, and tap's word on where it put the coverage.
  parser.on('extra', (text) => {
    if (!text.startsWith('json report: ')) process.stdout.write(text);
  });

  const tap = spawn(
    process.execPath,
    [
      at('node_modules', 'tap', 'dist', 'esm', 'run.mjs'),
      '--reporter=tap',
      '--coverage-report=json',
      ...args,
    ],
    { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const parsed = new Promise((resolve) => parser.once('complete', resolve));
  tap.stdout.pipe(parser);
  const exitCode = await new Promise((resolve, reject) => {
    tap.once('error', reject);
    tap.once('close', (code, signal) => resolve(signal ?? code));
  });
  const { ok } = await parsed;

  if ((exitCode !== 0 || !ok) && counts.failed === failedBefore) {
    counts.failed += 1;
    say(`FAILED  tap ended with ${exitCode}, but no test says why`);
  }
  if (counts.passed + counts.failed === before) {
    counts.failed += 1;
    say('FAILED  no test ran');
  }
}

/** What the library tells of the transport, in a process of its own. */
function transportWith(variable) {
  const { GOODBYTE_TRANSPORT: _, ...env } = process.env;
  const main = at('dist', 'src', 'cli', 'main.js');
  const output = execFileSync(process.execPath, [main, 'info', '--json'], {
    env: variable ? { ...env, GOODBYTE_TRANSPORT: variable } : env,
  });
  return JSON.parse(output).providers.find(({ name }) => name === 'framed');
}

/** Runs what opens sockets on each transport that has not been used yet. */
async function runOnOtherTransports(counts) {
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
      counts[full ? 'failed' : 'skipped'] += 1;
      say(`${full ? 'FAILED ' : 'skipped'} all of it (${addon.reason})`);
      continue;
    }
    const env = { ...process.env, GOODBYTE_TRANSPORT: transport };
    await runTests(counts, ['--disable-coverage', ...files], env);
  }
}

/** Coverage by source file: the lines that count, and those not reached. */
function readCoverage() {
  const file = at('.tap', 'report', 'coverage-final.json');
  const report = existsSync(file) ? JSON.parse(readFileSync(file)) : {};
  const files = new Map();
  for (const { path, statementMap, s } of Object.values(report)) {
    const name = relative(root, path);
    if (!name.startsWith(`src${sep}`)) continue;
    // Compiled code reports each line as one statement.
    const missed = Object.keys(s)
      .filter((key) => s[key] === 0)
      .map((key) => statementMap[key].start.line);
    files.set(name, { total: Object.keys(s).length, missed });
  }
  // A file that no test loads is in no report, and yet is not covered.
  for (const name of filesUnder(root, 'src').filter((f) => f.endsWith('.ts'))) {
    if (files.has(name) || name.endsWith('.d.ts')) continue;
    const output = at('dist', name.replace(/\.ts$/, '.js'));
    const code = readFileSync(output, 'utf8').replace(/^\/\/#.*$/gm, '');
    if (code.trim() === 'export {};') continue; // only types
    const total = readFileSync(at(name), 'utf8').trimEnd().split('\n').length;
    const missed = Array.from({ length: total }, (_, index) => index + 1);
    files.set(name, { total, missed });
  }
  return files;
}

/** 1, 2, 3, 7 becomes 1-3, 7. */
function ranges(lines) {
  const found = [];
  for (const line of lines) {
    const last = found.at(-1);
    if (last?.[1] === line - 1) last[1] = line;
    else found.push([line, line]);
  }
  return found.map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(', ');
}

const byName = ([a], [b]) => (a < b ? -1 : 1);

function reportCoverage() {
  let total = 0;
  let missed = 0;
  for (const [name, file] of [...readCoverage()].toSorted(byName)) {
    total += file.total;
    missed += file.missed.length;
    if (file.missed.length === 0) continue;
    const percent = (100 * (file.total - file.missed.length)) / file.total;
    say(
      `  ${percent.toFixed(1).padStart(5)} %  ${name}: ${ranges(file.missed)}`,
    );
  }
  const percent = total === 0 ? 0 : (100 * (total - missed)) / total;
  const enough = percent >= LINES_COVERED_AT_LEAST;
  say(
    `${enough ? 'ok     ' : 'FAILED '} coverage of src/: ` +
      `${total - missed} of ${total} lines, ${percent.toFixed(2)} % ` +
      `(at least ${LINES_COVERED_AT_LEAST} %)`,
  );
  return enough;
}

const NO_COVERAGE = '--no-coverage';
const args = process.argv
  .slice(2)
  .filter((argument) => argument !== NO_COVERAGE)
  .flatMap(compiled);
const withCoverage =
  !process.argv.includes(NO_COVERAGE) &&
  args.every((argument) => argument.startsWith('-'));
rmSync(summaryFile, { force: true });
rmSync(at('.tap', 'report'), { force: true, recursive: true });

const counts = { passed: 0, failed: 0, skipped: 0 };
await runTests(counts, withCoverage ? args : ['--disable-coverage', ...args]);
const coverage = withCoverage ? reportCoverage() : undefined;
if (withCoverage) await runOnOtherTransports(counts);

say(
  `\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
);
mkdirSync(at('.tap'), { recursive: true });
writeFileSync(summaryFile, `${JSON.stringify({ ...counts, coverage })}\n`);
process.exitCode = counts.failed > 0 || coverage === false ? 1 : 0;
