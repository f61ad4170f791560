// Runs the examples for operators with the packages that they are for, which
// their own lock file names: installed when that is newer.
//
//   node scripts/test-operators.mjs

import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../examples/operators', import.meta.url));

const modified = (...parts) =>
  statSync(join(folder, ...parts), { throwIfNoEntry: false })?.mtimeMs ?? 0;

function run(program, args) {
  const shell = process.platform === 'win32' && program === 'npm';
  const { status } = spawnSync(program, args, {
    cwd: folder,
    stdio: 'inherit',
    shell,
  });
  if (status !== 0) process.exit(status ?? 1);
}

const lock = modified('package-lock.json');
if (modified('node_modules', '.package-lock.json') < lock) {
  run('npm', ['ci', '--ignore-scripts']);
}
run(process.execPath, ['--test', '.']);
