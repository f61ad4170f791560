import type { ChildProcess } from 'node:child_process';
import { LineChannel } from '../protocol/lines.js';
import { AgentLink, AgentLost } from './agent-link.js';
import type { AgentSource } from './agent-source.js';
import { GRACE, startChild, stopChild } from './children.js';
import { TimedOut, within } from './limit.js';

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
      child.once('close', () => children.delete(child));
      const channel = new LineChannel(child.stdout!, child.stdin!);
      try {
        const opening = AgentLink.open(channel, limit);
        const link = await Promise.race([opening, failed]);
        return { link, stop: () => stopChild(child) };
      } catch (error) {
        // It was slow, and its end is our doing.
        if ((error as Error).cause instanceof TimedOut) throw error;
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
