import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Start } from './child.js';
import { NotRun } from './outcome.js';

const execute = promisify(execFile);

/** Descriptors that a process needs beside its connections. */
const OTHERS = 100;

/**
 * Returns the command for a process that may hold this many connections.
 *
 * @throws {NotRun} the system does not allow it.
 */
export async function startFor(connections: number): Promise<Start> {
  const plain = { execArgv: ['--expose-gc'] };
  if (process.platform === 'win32') return plain;
  const needed = connections + OTHERS;
  // Node raises its own limit to the hard one.
  const { stdout } = await execute('sh', ['-c', 'ulimit -Hn']);
  const limit = stdout.trim();
  if (limit === 'unlimited' || Number(limit) >= needed) return plain;
  const raise = `ulimit -n ${needed}`;
  try {
    await execute('sh', ['-c', raise]);
  } catch {
    throw new NotRun(
      `needs ${needed} descriptors, but a process may have ${limit} (ulimit -n)`,
    );
  }
  return {
    execPath: 'sh',
    execArgv: [
      '-c',
      `${raise} && exec "$0" "$@"`,
      process.execPath,
      '--expose-gc',
    ],
  };
}
