import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { AgentLost, withStderr, type AgentProcess } from './agent-link.js';
import { within } from './limit.js';
import { startOf, type Start } from './program.js';

/** Milliseconds for an agent to exit after the request. */
const GRACE = 2000;

/** Characters kept of an agent's stderr, and lines shown. */
const STDERR_KEPT = 4096;
const STDERR_LINES = 20;

/** Agents' processes that are still running. */
const alive = new Set<ChildProcess>();

/**
 * Ends every agent's process at once: for a runner that ends before its run.
 * An agent that listens to its input ends with it; one that hangs does not.
 */
export function killChildren(): void {
  for (const child of alive) child.kill('SIGKILL');
}

process.on('exit', killChildren);

/** An agent's process. */
export interface StartedChild extends AgentProcess {
  readonly child: ChildProcess;
  /** Rejects if the process failed to start, or when it has ended. */
  readonly failed: Promise<never>;
}

/** @throws {AgentLost} it cannot be started. */
function started(command: readonly string[]): Start {
  try {
    return startOf(command);
  } catch (error) {
    const { message } = error as Error;
    throw new AgentLost(`the agent cannot be started: ${message}`);
  }
}

/** Advice for a program that the system does not start. */
function adviceOn(
  { code }: NodeJS.ErrnoException,
  [program]: readonly string[],
): string {
  if (code === 'EACCES') {
    return `; make ${program} executable, or name the program that runs it`;
  }
  return code === 'ENOENT'
    ? '; it is neither a path nor in PATH (one with blanks needs quotes)'
    : '';
}

/** Starts an agent's process. */
export function startChild(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  stdio: 'pipe' | 'ignore',
): StartedChild {
  const { program, args, verbatim } = started(command);
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: [stdio, stdio, 'pipe'],
    windowsHide: true,
    windowsVerbatimArguments: verbatim,
  });
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  let kept = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    kept = (kept + text).slice(-STDERR_KEPT);
  });
  const said = (): string =>
    kept.trimEnd().split(/\r?\n/).slice(-STDERR_LINES).join('\n');
  const closed = once(child, 'close');
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      const how = `the agent ended with ${describeEnd(code, signal)}`;
      // All of stderr is read by then, unless another process holds it open.
      const told = within(closed, GRACE, 'still open').catch(() => {});
      void told.then(() => resolve(withStderr(how, { ended, said })));
    });
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => {
      alive.delete(child);
      const why = `${error.message}${adviceOn(error, command)}`;
      reject(new AgentLost(`the agent cannot be started: ${why}`));
    });
    void ended.then((how) => reject(new AgentLost(how)));
  });
  failed.catch(() => {});
  closed.catch(() => {});
  return { child, ended, failed, said };
}

/** Codes above are NTSTATUS, which people know in hex. */
const LARGEST_CODE = 255;

/** A shell adds this to a signal's number. */
const OF_A_SIGNAL = 128;

/** How a process ended: `exit code 3`, `SIGSEGV`. */
export function describeEnd(
  code: number | null,
  signal: NodeJS.Signals | null,
): string {
  if (code === null) return String(signal);
  const text = `exit code ${code}`;
  if (code < 0 || code > LARGEST_CODE) {
    const hex = (code >>> 0).toString(16).toUpperCase();
    return `${text} (0x${hex.padStart(8, '0')})`;
  }
  const number = code - OF_A_SIGNAL;
  const found = Object.entries(constants.signals).find(
    ([, value]) => value === number,
  );
  return found ? `${text} (a shell's for ${found[0]})` : text;
}

/**
 * Ends a process: by the end of its input, then by a signal. A process that
 * survives both is left to itself.
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
  // Its own children may live on with these open; nobody waits for them.
  for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.destroy();
}
