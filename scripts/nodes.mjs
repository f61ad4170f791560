// Other versions of Node, and Node for other systems, from npm.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Fetches a Node, once, into .cache below the root, where .ci/run keeps those
 * for Linux too; returns the path of the program, relative to the root.
 * `system` is part of the package's name: `linux-x64`, `win-x64`.
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
  const cwd = join(root, folder);
  mkdirSync(cwd, { recursive: true });
  const printed = execFileSync(
    'npm',
    ['pack', '--silent', `node-${system}@${version}`],
    { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const tarball = printed.trim().split('\n').at(-1);
  execFileSync('tar', ['-xzf', tarball], { cwd });
  rmSync(join(cwd, tarball));
  return program;
}
