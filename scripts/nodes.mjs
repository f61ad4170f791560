// Other versions of Node, and Node for other systems, from npm.

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * Fetches a Node, once, into .cache below the root, where .ci/run also keeps those
 * for Linux; returns the program's path, relative to the root. `system` is part of
 * the package's name: `linux-x64`, `win-x64`.
 */
export function fetchNode(root, system, version) {
  const own = `linux-${process.arch}` === system;
  const folder = join(
    '.cache',
    own ? `node-${version}` : `${system}-${version}`,
  );
  const program = join(
    folder,
    'package/bin',
    system.startsWith('win') ? 'node.exe' : 'node',
  );
  if (existsSync(join(root, program))) return program;
  mkdirSync(join(root, folder), { recursive: true });
  // Simultaneous fetches do not collide: each has its own folder, and the first to
  // finish moves its package into place.
  const cwd = mkdtempSync(join(root, folder, 'fetching-'));
  const printed = execFileSync(
    'npm',
    ['pack', '--silent', `node-${system}@${version}`],
    { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const tarball = printed.trim().split('\n').at(-1);
  execFileSync('tar', ['-xzf', tarball], { cwd });
  try {
    renameSync(join(cwd, 'package'), join(root, folder, 'package'));
  } catch (error) {
    if (!existsSync(join(root, program))) throw error;
  } finally {
    rmSync(cwd, { recursive: true });
  }
  return program;
}
