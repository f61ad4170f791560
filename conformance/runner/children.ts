import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { AgentLost } from './agent-link.js';
import { within } from './limit.js';

/** Milliseconds that an agent has to end after it was told to. */
export const GRACE = 2000;

/** Octets kept of what an agent said on stderr. */
const STDERR_KEPT = 4096;

/** Agents' processes that are still there. */
const alive = new Set<ChildProcess>();

/**
 * Ends every agent's process at once: for a runner that ends before its run.
 * An agent that listens to its input ends with it; one that hangs does not.
 */
export function killChildren(): void {
  for (const child of alive) child.kill('SIGKILL');
}

process.on('exit', killChildren);

/** Starts an agent's process. `failed` rejects when it ends. */
export function startChild(
  [program, ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  stdio: 'pipe' | 'ignore',
): { child: ChildProcess; failed: Promise<never> } {
  const child = spawn(program!, args, {
    env: { ...process.env, ...env },
    stdio: [stdio, stdio, 'pipe'],
    windowsHide: true,
  });
  alive.add(child);
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-STDERR_KEPT);
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => {
      alive.delete(child);
      reject(new AgentLost(`the agent cannot be started: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      reject(
        new AgentLost(
          `the agent ended with ${signal ?? `exit code ${code}`}` +
            (said === '' ? '' : `:\n${said.trimEnd()}`),
        ),
      );
    });
  });
  failed.catch(() => {});
  child.once('exit', () => alive.delete(child));
  return { child, failed };
}

/**
 * Ends a process: by the end of its input, then by a signal. One that does not
 * end by that either is left to itself.
 */
export async function stopChild(child: ChildProcess): Promise<void> {
  const { exitCode, signalCode, pid } = child;
  if (exitCode === null && signalCode === null && pid !== undefined) {
    const gone = once(child, 'exit');
    if (child.stdin) child.stdin.end();
    else child.kill();
    await within(gone, GRACE, 'still there').catch(async () => {
      child.kill('SIGKILL');
      await within(gone, GRACE, 'still there').catch(() => child.unref());
    });
  }
  // What it has started may live on with these open; nobody waits for that.
  for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.destroy();
}
