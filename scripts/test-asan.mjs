// Runs the tests that open sockets with the addon under AddressSanitizer,
// UndefinedBehaviorSanitizer and LeakSanitizer, on the engine. Ends with one
// line of totals, and with 0 if nothing was found.
//
//   node scripts/test-asan.mjs                      all of them
//   node scripts/test-asan.mjs test/lifecycle       some: what the path begins
//   node scripts/test-asan.mjs --thread             threads, under ThreadSanitizer
//
// The addon that is built for it, and what is found, stay in .cache/. It can
// make an allocation fail (GOODBYTE_TORTURE); a test does so with each.

import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Parser } from 'tap-parser';
import { addonSources, headers } from './addon.mjs';
import { filesUnder } from './files.mjs';
import { addonTarget } from './gyp.mjs';
import { parseOptions } from './options.mjs';
import { sideBySide } from './side-by-side.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => join(root, ...parts);

/** Where the tests are that open sockets. */
const folders = ['provider/framed', 'socket', 'server', 'winsock', 'lifecycle'];
/** The conformance scenarios, by the command that runs them. */
const scenarios = [
  'dist/src/cli/main.js',
  'conformance',
  'run',
  '--scenario',
  'eight-steps*',
];
/** Milliseconds for one test file. */
const TIME_LIMIT = 180_000;

const address = {
  name: 'asan',
  flags: ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined'],
  runtimes: ['libasan.so', 'libubsan.so'],
  environment: (log) => ({
    ASAN_OPTIONS: `detect_leaks=1:log_path=${log}`,
    UBSAN_OPTIONS: `print_stacktrace=1:log_path=${log}`,
    // A leak changes no exit code: only ours count, see findingsIn.
    LSAN_OPTIONS: 'exitcode=0',
  }),
};
const thread = {
  name: 'tsan',
  flags: ['-fsanitize=thread'],
  runtimes: ['libtsan.so'],
  environment: (log) => ({
    TSAN_OPTIONS: `exitcode=0:log_path=${log}`,
  }),
};

class Obstacle extends Error {}

const say = (text) => process.stdout.write(`${text}\n`);
/** Enough of it to know what is wrong; all of a finding is in .cache/. */
const head = (text) => text.split('\n').slice(0, 60).join('\n');
const indent = (text) => text.trimEnd().replace(/^(?=.)/gm, '    ');

/** The path of one of the compiler's own files; it may have none such. */
function fileOfCompiler(name) {
  const { stdout } = spawnSync('g++', [`-print-file-name=${name}`], {
    encoding: 'utf8',
  });
  const path = stdout?.trim();
  return path && path !== name && existsSync(path) ? path : undefined;
}

function preloadOf({ runtimes }) {
  if (process.platform !== 'linux') throw new Obstacle('it needs Linux');
  if (spawnSync('g++', ['--version']).error) throw new Obstacle('no g++');
  if (!headers()) throw new Obstacle('no headers of Node');
  return runtimes.map((name) => {
    const path = fileOfCompiler(name);
    if (!path) throw new Obstacle(`g++ comes without ${name}`);
    return path;
  });
}

async function compile(args) {
  const child = spawn('g++', args, { cwd: root, stdio: 'inherit' });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Obstacle('the addon does not compile');
}

/** Builds the addon into a folder of its own; returns its path. */
async function build({ name, flags }) {
  const folder = at('.cache', name);
  const addon = join(folder, 'goodbyte.node');
  const inputs = [...addonSources(root), join('scripts', 'test-asan.mjs')];
  const built = statSync(addon, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (inputs.every((path) => statSync(at(path)).mtimeMs < built)) return addon;

  say(`building the addon with ${flags.join(' ')} …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { sources, defines, cflags_cc: own } = addonTarget(root, 'linux');
  const common = [
    ...'-g -O1 -fPIC -fno-omit-frame-pointer'.split(' '),
    ...flags,
  ];
  const napi = createRequire(import.meta.url).resolve('node-addon-api');
  const includes = [
    at('native'),
    dirname(napi),
    join(headers(), 'include/node'),
  ];
  const objectOf = (source) => join(folder, `${basename(source)}.o`);
  await sideBySide(sources, (source) =>
    compile([
      ...common,
      ...own,
      ...[...defines, 'GOODBYTE_TORTURE'].map((define) => `-D${define}`),
      ...includes.map((include) => `-I${include}`),
      '-c',
      source,
      '-o',
      objectOf(source),
    ]),
  );
  await compile([...common, '-shared', ...sources.map(objectOf), '-o', addon]);
  return addon;
}

/** Runs a program under the sanitizer; resolves to what it printed. */
async function run(args, env) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIME_LIMIT,
    killSignal: 'SIGKILL',
  });
  let printed = '';
  let told = '';
  child.stdout.on('data', (text) => (printed += text));
  child.stderr.on('data', (text) => (told += text));
  const code = await new Promise((resolve) => {
    child.once('close', (status, signal) => resolve(signal ?? status));
  });
  return { code, printed, told };
}

function countAssertions(printed) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const parser = new Parser();
  parser.on('pass', () => counts.passed++);
  parser.on('fail', () => counts.failed++);
  for (const kind of ['skip', 'todo']) parser.on(kind, () => counts.skipped++);
  parser.end(printed);
  return counts;
}

/**
 * What the sanitizers wrote down about us. Node does not free all that it has
 * when it exits early, V8 has pointers that LeakSanitizer does not see through,
 * and its threads synchronize where ThreadSanitizer does not look.
 */
function findingsIn(folder) {
  return readdirSync(folder).flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    return /LeakSanitizer|ThreadSanitizer/.test(text)
      ? text.split(/\n(?=(?:Direct|Indirect) leak |WARNING: )/).filter(isOurs)
      : [text];
  });
}

/** Whether a leak or a race is the addon's, and V8 did not come between. */
function isOurs(record) {
  if (!/^(?:(?:Direct|Indirect) leak |WARNING: )/.test(record)) return false;
  return record
    .split(/\n\s*\n/)
    .some((stack) => /goodbyte/.test(stack.split(/\bv8::|Builtins_/)[0]));
}

async function test(sanitizer, only) {
  const preload = preloadOf(sanitizer);
  const addon = await build(sanitizer);
  const findings = at('.cache', sanitizer.name, 'findings');
  rmSync(findings, { recursive: true, force: true });
  mkdirSync(findings, { recursive: true });

  const files = filesUnder(root, 'dist/test')
    .filter((file) => file.endsWith('.test.js'))
    .filter((file) =>
      folders.some((folder) => file.startsWith(`dist/test/${folder}/`)),
    )
    .filter((file) => only.some((path) => file.startsWith(join('dist', path))))
    .map((file) => [file]);
  const runs = only.includes('') ? [...files, scenarios] : files;
  if (runs.length === 0) throw new Obstacle('there is no such test');
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const started = Date.now();
  await sideBySide(runs, async (args) => {
    const title = args === scenarios ? args.slice(1).join(' ') : args[0];
    const log = join(findings, basename(title).replaceAll(/[^\w.]+/g, '-'));
    const { code, printed, told } = await run(args, {
      ...process.env,
      GOODBYTE_TRANSPORT: 'engine',
      GOODBYTE_ADDON: addon,
      LD_PRELOAD: preload.join(' '),
      TAP_CHILD_ID: '',
      ...sanitizer.environment(log),
    });
    const counts =
      args === scenarios
        ? { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }
        : countAssertions(printed);
    if (code !== 0 && counts.failed === 0) counts.failed = 1;
    for (const kind of Object.keys(totals)) totals[kind] += counts[kind];
    say(
      `${counts.failed === 0 ? 'ok     ' : 'FAILED '} ${title}: ` +
        `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
    );
    if (counts.failed > 0)
      say(indent(`ended with ${code}\n${told}${head(printed)}`));
  });
  const found = findingsIn(findings);
  for (const text of found) say(`FOUND\n${indent(head(text))}`);
  say(
    `${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped, ` +
      `${found.length} findings, ${Math.round((Date.now() - started) / 1000)} s`,
  );
  return totals.failed === 0 && found.length === 0;
}

const { values, positionals } = parseOptions({
  options: { thread: { type: 'boolean' } },
  allowPositionals: true,
});
try {
  const some = positionals.map((path) => path.replace(/\.ts$/, '.js'));
  const ok = values.thread
    ? await test(thread, some.length > 0 ? some : ['test/lifecycle/workers'])
    : await test(address, some.length > 0 ? some : ['']);
  if (!ok) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof Obstacle)) throw error;
  process.stderr.write(`test:asan: ${error.message}\n`);
  process.exitCode = 1;
}
