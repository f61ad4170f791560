import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');

/**
 * The command's program: the bundle that users run, which loads in half the time.
 * Coverage is mapped to its sources.
 */
export const main = path.join(
  root,
  process.env['NODE_V8_COVERAGE'] ? 'dist/cli/main.js' : 'lib/main.js',
);

/**
 * The Python program itself, from 3.9 on, if there is one: in the PATH there may be a
 * script that takes longer to find it than the agent to start.
 */
export function findPython(): string | undefined {
  const ask = 'import sys; print(sys.version_info >= (3, 9), sys.executable)';
  for (const name of ['python3', 'python']) {
    const { stdout } = spawnSync(name, ['-c', ask], { encoding: 'utf8' });
    const found = /^True (.+)$/m.exec(stdout ?? '')?.[1];
    if (found) return found.trim();
  }
  return undefined;
}
