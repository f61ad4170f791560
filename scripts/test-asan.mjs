// Runs the tests that open sockets on the engine, with the addon under
// AddressSanitizer, UndefinedBehaviorSanitizer and LeakSanitizer; prints the output
// of scripts/test.mjs, then the findings, which are failures.
//
//   node scripts/test-asan.mjs                      all of them
//   node scripts/test-asan.mjs test/lifecycle       those whose path begins so
//   node scripts/test-asan.mjs --thread             worker threads, under ThreadSanitizer
//
// The addon built for this, and the findings, stay in .cache/. That addon can make
// an allocation fail (GOODBYTE_TORTURE); a test does so with each.

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
import { addonSources, headers } from './addon.mjs';
import { addonTarget } from './gyp.mjs';
import { parseOptions } from './options.mjs';
import { sideBySide } from './side-by-side.mjs';
import { say } from './tap-report.mjs';
import {
  FOLDERS_OF_SOCKETS,
  grouped,
  longestFirst,
  testsIn,
} from './test-files.mjs';
import { WAITING_HERE, runHere, runTogether, TestRun } from './test-run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const at = (...parts) => join(root, ...parts);

const folders = [...FOLDERS_OF_SOCKETS, 'lifecycle'];
/** Arguments that run scenarios as well. */
const main = 'dist/cli/main.js';
const scenarios = 'conformance run --scenario eight-steps* --report tap'.split(
  ' ',
);

const address = {
  name: 'asan',
  flags: ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined'],
  runtimes: ['libasan.so', 'libubsan.so'],
  environment: (log) => ({
    ASAN_OPTIONS: `detect_leaks=1:log_path=${log}`,
    UBSAN_OPTIONS: `print_stacktrace=1:log_path=${log}`,
    // A leak does not change the exit code: only ours count, see findingsIn.
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

/** Enough to see the fault; the whole finding is in .cache/. */
const head = (text) => text.split('\n').slice(0, 60).join('\n');

/** The path of one of the compiler's own files, if it has that. */
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
  if (code !== 0) throw new Obstacle('the addon failed to compile');
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

/**
 * Returns the sanitizers' findings in our code. Node does not free everything when it
 * exits early, V8 has pointers that LeakSanitizer cannot follow, and its threads
 * synchronize in ways that ThreadSanitizer does not see.
 */
function findingsIn(folder) {
  return readdirSync(folder).flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    return /LeakSanitizer|ThreadSanitizer/.test(text)
      ? text.split(/\n(?=(?:Direct|Indirect) leak |WARNING: )/).filter(isOurs)
      : [text];
  });
}

/**
 * LeakSanitizer stops all threads of a process that exits. Where that fails, it ends
 * the process with its own exit code: 0 here, also after an error.
 */
function brokenIn(folder, file) {
  const isBroken = readdirSync(folder)
    .filter((name) => name.startsWith(basename(file)))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .some((text) => /LeakSanitizer has encountered a fatal error/.test(text));
  return isBroken ? 'LeakSanitizer could not stop a process' : undefined;
}

/** Whether a leak or a race is the addon's, with no frame of V8's in between. */
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

  const files = testsIn(root)
    .filter((file) =>
      folders.some((folder) => file.startsWith(`dist/test/${folder}/`)),
    )
    .filter((file) => only.some((path) => file.startsWith(join('dist', path))));
  if (only.includes('')) files.push(main);
  const run = new TestRun(root, /^needs Windows\b/, WAITING_HERE);
  await run.runGroups(longestFirst(grouped(files)), async (group) => {
    const [file] = group;
    const log = join(findings, basename(file));
    const env = {
      GOODBYTE_TRANSPORT: 'engine',
      GOODBYTE_ADDON: addon,
      LD_PRELOAD: preload.join(' '),
      ...sanitizer.environment(log),
    };
    const outcome = await (file === main
      ? runHere(file, env, scenarios)
      : runTogether(group, env));
    return { ...outcome, broken: brokenIn(findings, file) };
  });
  const found = findingsIn(findings);
  for (const text of found) run.fail(`${sanitizer.name} found\n${head(text)}`);
  say(`\n${found.length} findings`);
  run.end();
}

const { values, positionals } = parseOptions({
  options: { thread: { type: 'boolean' } },
  allowPositionals: true,
});
try {
  const some = positionals.map((path) => path.replace(/\.ts$/, '.js'));
  await (values.thread
    ? test(thread, some.length > 0 ? some : ['test/lifecycle/workers'])
    : test(address, some.length > 0 ? some : ['']));
} catch (error) {
  if (!(error instanceof Obstacle)) throw error;
  process.stderr.write(`test:asan: ${error.message}\n`);
  process.exitCode = 1;
}
