// Makes this machine's prebuilt addon a second time, with prebuildify and the
// machine's own compiler, in .cache/prebuild-host, and compares it with the one in
// prebuilds/: both must have the same functions.
//
//   node scripts/prebuild-host.mjs

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildEnvironment } from './addon.mjs';

const require = createRequire(import.meta.url);
// A local build, in build/, must be ignored.
process.env.PREBUILDS_ONLY = '1';
const { path: findAddon } = require('node-gyp-build');

const root = fileURLToPath(new URL('..', import.meta.url));
// Works in a copy: prebuildify empties build/, which may be in use.
const copy = join(root, '.cache', 'prebuild-host');
rmSync(copy, { recursive: true, force: true });
mkdirSync(copy, { recursive: true });
for (const name of ['package.json', 'binding.gyp', 'native']) {
  cpSync(join(root, name), join(copy, name), { recursive: true });
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');

const built = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'prebuildify', 'bin.js'),
    '--napi',
    '--tag-libc',
    '--strip',
    '--target',
    process.versions.node,
  ],
  {
    cwd: copy,
    env: {
      ...buildEnvironment(),
      PREBUILD_NODE_GYP: join(root, 'node_modules', '.bin', 'node-gyp'),
    },
    encoding: 'utf8',
  },
);
if (built.status !== 0) {
  process.stderr.write(`${built.stdout}${built.stderr}prebuildify failed\n`);
  process.exit(1);
}

/** Returns the prebuilt file that node-gyp-build chooses, if any. */
function prebuilt(folder) {
  if (!existsSync(join(folder, 'prebuilds'))) return undefined;
  try {
    return findAddon(folder);
  } catch {
    return undefined;
  }
}

const own = prebuilt(copy);
const ours = prebuilt(root);
process.stdout.write(`made     ${relative(root, own)}\n`);
if (!ours) {
  process.stdout.write('alone    prebuilds/ has no addon to compare it with\n');
} else {
  const shown = (file) => Object.keys(require(file)).toSorted().join(' ');
  const same = shown(own) === shown(ours);
  process.stdout.write(
    `${same ? 'same    ' : 'DIFFERS '} ${relative(root, ours)}\n`,
  );
  if (!same) {
    process.stdout.write(`${shown(own)}\n${shown(ours)}\n`);
    process.exitCode = 1;
  }
}
