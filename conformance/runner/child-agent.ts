import type { ChildProcess } from 'node:child_process';
import { LineChannel } from '../protocol/lines.js';
import {
  AgentGone,
  AgentLink,
  AgentLost,
  END_LIMIT,
  withStderr,
} from './agent-link.js';
import type { AgentSource } from './agent-source.js';
import { startChild, stopChild } from './children.js';
import { TimedOut, within } from './limit.js';

/** Agents in child processes, over stdin and stdout. */
export function childAgent(
  command: readonly string[],
  description = command.join(' '),
): AgentSource {
  const children = new Set<ChildProcess>();
  return {
    description,
    async start(limit) {
      const started = startChild(command, {}, 'pipe');
      const { child, failed } = started;
      children.add(child);
      child.once('close', () => children.delete(child));
      const channel = new LineChannel(child.stdout!, child.stdin!);
      const link = await AgentLink.open(channel, limit).catch(
        async (error: Error) => {
          // The end of the process explains more than that of its output.
          if (error instanceof AgentGone) {
            await within(failed, END_LIMIT, 'still there').catch((end) => {
              if (!(end instanceof TimedOut)) throw end;
            });
          }
          throw new AgentLost(withStderr(error.message, started), {
            cause: error,
          });
        },
      );
      link.process = started;
      return { link, stop: () => stopChild(child) };
    },
    async stop() {
      await Promise.all([...children].map(stopChild));
    },
  };
}
