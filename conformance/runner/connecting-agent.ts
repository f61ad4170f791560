import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { LineChannel } from '../protocol/lines.js';
import { AgentLink, AgentLost } from './agent-link.js';
import type { AgentSource } from './agent-source.js';
import { startChild, stopChild } from './child-agent.js';
import { within } from './limit.js';

/** Connections that may be about to say hello at once. */
const MAX_GUESTS = 16;

export interface ConnectingAgentOptions {
  /** Started each time an agent is needed; absent: one comes by itself. */
  command?: readonly string[] | undefined;
  /** Told where to connect to, and with which token. */
  onlistening?: (address: string, token: string) => void;
}

/**
 * Agents that connect to the runner, on its loopback address, and prove by a
 * token that they are meant. A program that is started for it finds both in
 * GOODBYTE_AGENT_CONNECT and GOODBYTE_AGENT_TOKEN.
 */
export function connectingAgent({
  command,
  onlistening,
}: ConnectingAgentOptions): AgentSource {
  const token = randomBytes(16).toString('hex');
  const guests = new Set<Socket>();
  const children = new Set<ChildProcess>();
  let server: Server | undefined;
  let arrived: ((link: AgentLink) => void) | undefined;

  const admit = async (socket: Socket, limit: number): Promise<void> => {
    if (guests.size >= MAX_GUESTS) {
      socket.destroy();
      return;
    }
    guests.add(socket);
    socket.once('close', () => guests.delete(socket));
    socket.setNoDelay(true);
    try {
      const channel = new LineChannel(socket, socket);
      const link = await AgentLink.open(channel, limit, token);
      if (arrived) arrived(link);
      else link.close();
      arrived = undefined;
    } catch {
      socket.destroySoon();
    }
  };

  const open = async (limit: number): Promise<string> => {
    if (!server) {
      server = createServer((socket) => void admit(socket, limit));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  return {
    description: command ? `tcp:${command.join(' ')}` : 'tcp:',
    async start(limit) {
      const address = await open(limit);
      const arrival = new Promise<AgentLink>((resolve) => {
        arrived = resolve;
      });
      onlistening?.(address, token);
      const ways: Promise<AgentLink>[] = [arrival];
      if (command) {
        const { child, failed } = startChild(
          command,
          { GOODBYTE_AGENT_CONNECT: address, GOODBYTE_AGENT_TOKEN: token },
          'ignore',
        );
        children.add(child);
        child.once('exit', () => children.delete(child));
        ways.push(failed);
      }
      try {
        return await within(
          Promise.race(ways),
          command ? limit : WAIT_FOR_PERSON,
          'no agent has connected',
        );
      } catch (error) {
        throw error instanceof AgentLost
          ? error
          : new AgentLost((error as Error).message);
      }
    },
    async stop() {
      for (const guest of guests) guest.destroy();
      await Promise.all([...children].map(stopChild));
      const closing = server;
      server = undefined;
      if (closing) {
        closing.close();
        await once(closing, 'close');
      }
    },
  };
}

/** Milliseconds in which somebody types the agent's command elsewhere. */
const WAIT_FOR_PERSON = 300_000;
