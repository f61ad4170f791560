// Makes a checkout ready to run: installs the packages of package-lock.json when
// node_modules is absent or older, then compiles when a source has changed, the
// addon too where there is a compiler for it. With nothing to do it returns in
// milliseconds, needs no network and prints nothing. Progress goes to stderr, since
// stdout belongs to the command that follows.
//
//   node scripts/setup.mjs                  install, then compile
//   node scripts/setup.mjs --install-only   install
//   node scripts/setup.mjs --addon          all, and fail without the addon

import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addonSources, buildEnvironment, obstacle } from './addon.mjs';
import { filesUnder } from './files.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => join(root, ...parts);

const sourceFolders = [
  'src',
  'cli',
  'conformance',
  'test',
  'examples',
  'bench',
];
const buildStamp = at('dist', '.build-stamp');
const addon = at('build', 'Release', 'goodbyte.node');
const addonStamp = at('build', '.addon-stamp');

class SetupError extends Error {}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

/** Runs a program quietly; shows its output only if it failed. */
function run(title, program, args, options = {}) {
  process.stderr.write(`setting up: ${title} …\n`);
  const result = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...options,
  });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  const how = result.error?.message ?? result.signal ?? `exit ${result.status}`;
  throw new SetupError(`${title} failed (${how})`);
}

function runModule(title, path, args, options) {
  const module = at('node_modules', ...path.split('/'));
  run(title, process.execPath, [module, ...args], options);
}

function runNpm(title, args) {
  const env = { ...process.env };
  // `npm pack --dry-run` runs this too, and its switch must not reach `npm ci`.
  delete env.npm_config_dry_run;
  const cli = env.npm_execpath;
  if (cli?.endsWith('.js'))
    run(title, process.execPath, [cli, ...args], { env });
  else run(title, 'npm', args, { env, shell: process.platform === 'win32' });
}

function install() {
  const installed = modified(at('node_modules', '.package-lock.json'));
  const wanted = modified(at('package-lock.json'));
  if (installed === undefined || (wanted ?? 0) > installed) {
    runNpm('npm ci', ['ci', '--include=dev']);
  }
}

/**
 * A line on one input of a compiler. Times alone would miss a removed file, and one
 * that an older copy replaced.
 */
function lineOn(path) {
  const stat = statSync(at(path), { throwIfNoEntry: false });
  return `${path} ${stat?.size} ${stat?.mtimeMs}`;
}

const fingerprint = (inputs) => inputs.map(lineOn).join('\n');

/** Removes files compiled from sources that no longer exist. */
function removeStaleOutputs(sources) {
  const kept = new Set();
  for (const source of sources) {
    const output = join('dist', source);
    if (source.endsWith('.json')) kept.add(output);
    const stem = output.replace(/\.([cm]?)ts$/, '.$1');
    for (const ending of ['js', 'js.map']) kept.add(stem + ending);
    kept.add(`${stem.replace(/\.([cm]?)$/, '.d.$1')}ts`);
  }
  // scripts/reference-provider.mjs compiles these.
  const provider = join('dist', 'conformance', 'reference-provider');
  for (const output of filesUnder(root, 'dist')) {
    if (!kept.has(output) && !output.startsWith(provider)) rmSync(at(output));
  }
}

function compile() {
  const sources = sourceFolders
    .filter((folder) => existsSync(at(folder)))
    .flatMap((folder) => filesUnder(root, folder))
    .filter((path) => /\.([cm]?ts|json)$/.test(path));
  const now = fingerprint([
    'tsconfig.json',
    'package.json',
    join('node_modules', '.package-lock.json'),
    join('scripts', 'bundle.mjs'),
    join('scripts', 'together', 'tap.mjs'),
    ...sources,
  ]);
  const before = existsSync(buildStamp) && readFileSync(buildStamp, 'utf8');
  if (before === now) return;

  rmSync(buildStamp, { force: true });
  if (sources.some((path) => !path.endsWith('.json'))) {
    runModule('tsc', 'typescript/lib/tsc.js', ['-p', '.', '--pretty', 'false']);
  }
  mkdirSync(at('dist'), { recursive: true });
  removeStaleOutputs(sources);
  run('bundle', process.execPath, [at('scripts', 'bundle.mjs')]);
  // The fingerprint is from before the compile: a source that was edited
  // meanwhile differs from it and is compiled next time.
  writeFileSync(buildStamp, now);
}

/**
 * Builds the addon when its sources have changed. On a machine that cannot, it says
 * so once and continues: the stream transport is used there.
 */
function compileAddon(required) {
  const sources = addonSources(root);
  if (sources.length === 0) return;
  const inputs = [
    ...sources,
    join('node_modules', 'node-addon-api', 'package.json'),
  ];
  const now = fingerprint(inputs);
  const before = existsSync(addonStamp)
    ? JSON.parse(readFileSync(addonStamp, 'utf8'))
    : {};
  const remember = (outcome) => {
    mkdirSync(at('build'), { recursive: true });
    writeFileSync(addonStamp, JSON.stringify({ inputs: now, ...outcome }));
  };
  if (before.inputs === now && !before.skipped && existsSync(addon)) return;

  const why = obstacle(root, required);
  if (why && required) throw new SetupError(`cannot build the addon: ${why}`);
  if (why) {
    // An addon built from other sources must not be used instead.
    rmSync(addon, { force: true });
    if (before.skipped === why) return;
    process.stderr.write(
      `${why}: the addon is skipped; the stream transport is used\n`,
    );
    remember({ skipped: why });
    return;
  }
  // make compares times, and would not notice an older copy.
  const built = modified(addon) ?? 0;
  const clean = inputs.some(
    (path) =>
      (modified(at(path)) ?? 0) < built &&
      !before.inputs?.split('\n').includes(lineOn(path)),
  );
  runModule(
    'node-gyp',
    'node-gyp/bin/node-gyp.js',
    [...(clean ? ['clean'] : []), 'configure', 'build', '--jobs=max'],
    { env: buildEnvironment() },
  );
  remember({});
}

/** Makes simultaneous commands in one checkout set it up one at a time. */
function withLock(work) {
  const lock = at('.setup-lock');
  const mine = String(process.pid);
  for (;;) {
    try {
      const file = openSync(lock, 'wx');
      writeSync(file, mine);
      closeSync(file);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (ownerIsGone(lock)) rmSync(lock, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
  // Also runs on process.exit() and after an uncaught error.
  process.once('exit', () => rmSync(lock, { force: true }));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => process.exit(1));
  }
  work();
}

function ownerIsGone(lock) {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    // The content follows the file's creation at once: an empty file is that
    // young, unless its maker died in between.
    if (owner === 0) return Date.now() - (modified(lock) ?? 0) > 5_000;
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

try {
  withLock(() => {
    install();
    if (process.argv.includes('--install-only')) return;
    compile();
    compileAddon(process.argv.includes('--addon'));
  });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`setting up: ${error.message}\n`);
  process.exitCode = 1;
}
