// Runs one of the checks in ecosystem/: the packed package together with other
// people's programs. Each folder there has its own package.json and lock file, and
// is installed when the lock file is newer.
//
//   node scripts/ecosystem.mjs installs
//
// The tarball has the addons of prebuilds/; without one for this machine, Node's
// streams are used.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesUnder } from './files.mjs';
import { installLocked } from './locked-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name = ''] = process.argv.slice(2);
const folder = join(root, 'ecosystem', name);
const modules = join(folder, 'node_modules');

function run(cwd, program, args, options) {
  const { status, error, stdout } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')} failed`, { cause: error });
}

/** Packs the package, and installs it into the folder's node_modules. */
function pack() {
  // Checks may run side by side.
  const place = join(root, '.cache', 'ecosystem', name);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  run(root, 'npm', ['pack', '--ignore-scripts', '--pack-destination', place], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const [tarball] = filesUnder(place, '.');
  const path = join(place, tarball);
  const own = join(modules, 'goodbyte');
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own, { recursive: true });
  run(own, 'tar', ['-xzf', path, '--strip-components=1']);
  const dependency = 'node-gyp-build';
  cpSync(join(root, 'node_modules', dependency), join(modules, dependency), {
    recursive: true,
  });
  return path;
}

if (!existsSync(folder)) {
  throw new Error(
    `unknown check "${name}"; choose installs, runtimes, bundlers or ports`,
  );
}
installLocked(folder);
const { status } = spawnSync(
  process.execPath,
  [
    '--test',
    '--test-reporter=spec',
    ...filesUnder(folder, '.')
      .filter((file) => /^[\w-]+\.test\.mjs$/.test(file))
      .map((file) => join(folder, file)),
  ],
  {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, GOODBYTE_TARBALL: pack() },
  },
);
process.exitCode = status ?? 1;
