import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';

const modified = (path) =>
  statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Installs the packages of a folder's own lock file, if that is newer. */
export function installLocked(folder, ...options) {
  const lock = modified(join(folder, 'package-lock.json'));
  if (lock === 0) throw new Error(`${folder} has no lock file`);
  if (modified(join(folder, 'node_modules', '.package-lock.json')) >= lock) {
    return;
  }
  const { status, error } = spawnSync('npm', ['ci', ...options], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0)
    throw new Error(`npm ci in ${folder} failed`, { cause: error });
}
