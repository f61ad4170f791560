import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Start } from '../support/child.js';
import { NotRun } from '../support/outcome.js';

const execute = promisify(execFile);

/** Descriptors of a process beside its connections. */
const OTHERS = 100;

/**
 * How to start a process that may have so many connections open.
 *
 * @throws {NotRun} the system does not allow it.
 */
export async function startFor(connections: number): Promise<Start> {
  const plain = { execArgv: ['--expose-gc'] };
  if (process.platform === 'win32') return plain;
  const needed = connections + OTHERS;
  // Node itself takes all that the hard limit allows.
  const { stdout } = await execute('sh', ['-c', 'ulimit -Hn']);
  const limit = stdout.trim();
  if (limit === 'unlimited' || Number(limit) >= needed) return plain;
  const raise = `ulimit -n ${needed}`;
  try {
    await execute('sh', ['-c', raise]);
  } catch {
    throw new NotRun(
      `a process may have ${limit} descriptors (ulimit -n), and ${needed} are needed`,
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
