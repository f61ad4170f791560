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
import { HELLO_LIMIT, LINE_LIMIT } from '../protocol/messages.js';
import { AgentLink, AgentLost } from './agent-link.js';
import type { AgentSource } from './agent-source.js';
import { startChild, stopChild } from './children.js';
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
 * token that they are meant: each start has its own. A program that is started
 * for it finds both in GOODBYTE_AGENT_CONNECT and GOODBYTE_AGENT_TOKEN.
 */
export function connectingAgent({
  command,
  onlistening,
}: ConnectingAgentOptions): AgentSource {
  /** Connections that have not proved themselves yet. */
  const guests = new Set<Socket>();
  const sockets = new Set<Socket>();
  const children = new Set<ChildProcess>();
  /** Who waits for an agent, by the token that it will say. */
  const awaited = new Map<string, (link: AgentLink) => void>();
  let opening: Promise<Server> | undefined;

  const admit = async (socket: Socket, limit: number): Promise<void> => {
    if (guests.size >= MAX_GUESTS) {
      socket.destroy();
      return;
    }
    guests.add(socket);
    sockets.add(socket);
    socket.once('close', () => {
      guests.delete(socket);
      sockets.delete(socket);
    });
    socket.setNoDelay(true);
    try {
      const channel = new LineChannel(socket, socket, HELLO_LIMIT);
      let arrived: ((link: AgentLink) => void) | undefined;
      const link = await AgentLink.open(channel, limit, (token = '') => {
        arrived = awaited.get(token);
        // A token admits once.
        awaited.delete(token);
        return arrived !== undefined;
      });
      guests.delete(socket);
      channel.limit = LINE_LIMIT;
      arrived!(link);
    } catch {
      socket.destroySoon();
    }
  };

  const listen = async (limit: number): Promise<Server> => {
    const server = createServer((socket) => void admit(socket, limit));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };

  return {
    description: command ? `tcp:${command.join(' ')}` : 'tcp:',
    // Nobody wants to type several commands at once.
    most: command ? undefined : 1,
    async start(limit) {
      const server = await (opening ??= listen(limit));
      const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      const token = randomBytes(16).toString('hex');
      const arrival = new Promise<AgentLink>((resolve) => {
        awaited.set(token, resolve);
      });
      onlistening?.(address, token);
      const ways: Promise<AgentLink>[] = [arrival];
      let child: ChildProcess | undefined;
      if (command) {
        const started = startChild(
          command,
          { GOODBYTE_AGENT_CONNECT: address, GOODBYTE_AGENT_TOKEN: token },
          'ignore',
        );
        ({ child } = started);
        children.add(child);
        child.once('close', () => children.delete(started.child));
        ways.push(started.failed);
      }
      try {
        const link = await within(
          Promise.race(ways),
          command ? limit : WAIT_FOR_PERSON,
          'no agent has connected',
        );
        return {
          link,
          async stop() {
            link.close();
            if (child) await stopChild(child);
          },
        };
      } catch (error) {
        throw error instanceof AgentLost
          ? error
          : new AgentLost((error as Error).message);
      } finally {
        awaited.delete(token);
      }
    },
    async stop() {
      const closing = await opening;
      opening = undefined;
      // First of all: who came later would be waited for.
      const closed = closing && once(closing.close(), 'close');
      for (const socket of sockets) socket.destroy();
      await Promise.all([...children].map(stopChild));
      await closed;
    },
  };
}

/** Milliseconds in which somebody types the agent's command elsewhere. */
const WAIT_FOR_PERSON = 300_000;
