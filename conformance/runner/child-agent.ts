import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { LineChannel } from '../protocol/lines.js';
import { AgentLink, AgentLost } from './agent-link.js';
import type { AgentSource } from './agent-source.js';
import { within } from './limit.js';

/** Milliseconds that an agent has to end after it was told to. */
const GRACE = 2000;

/** Octets kept of what an agent said on stderr. */
const STDERR_KEPT = 4096;

/** Agents that are processes of ours, spoken to over stdin and stdout. */
export function childAgent(
  command: readonly string[],
  description = command.join(' '),
): AgentSource {
  const children = new Set<ChildProcess>();
  return {
    description,
    async start(limit) {
      const { child, failed } = startChild(command, {}, 'pipe');
      children.add(child);
      child.once('exit', () => children.delete(child));
      const channel = new LineChannel(child.stdout!, child.stdin!);
      try {
        return await Promise.race([AgentLink.open(channel, limit), failed]);
      } catch (error) {
        // How the process ended tells more than that its output has.
        await within(failed, GRACE, 'still there').catch((end: unknown) => {
          if (end instanceof AgentLost) throw end;
        });
        throw error;
      }
    },
    async stop() {
      await Promise.all([...children].map(stopChild));
    },
  };
}

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
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-STDERR_KEPT);
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => {
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
  return { child, failed };
}

/** Ends a process: by the end of its input, then by a signal. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  if (child.pid === undefined) return;
  const gone = once(child, 'exit');
  if (child.stdin) child.stdin.end();
  else child.kill();
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE);
  await gone;
  clearTimeout(timer);
}
