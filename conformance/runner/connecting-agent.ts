import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { HELLO_LIMIT, LINE_LIMIT, LineChannel } from '../protocol/lines.js';
import { AgentLink, AgentLost, withStderr } from './agent-link.js';
import type { AgentSource } from './agent-source.js';
import { startChild, stopChild, type StartedChild } from './children.js';
import { within } from './limit.js';

/** Connections that may be about to say hello at once. */
const MAX_GUESTS = 16;

interface Awaited {
  resolve: (link: AgentLink) => void;
  reject: (error: Error) => void;
}

export interface ConnectingAgentOptions {
  /** Started each time an agent is needed; absent: an agent comes by itself. */
  command?: readonly string[] | undefined;
  /** Receives the address to connect to, and the token. */
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
  /** Connections that have not sent a valid token yet. */
  const guests = new Set<Socket>();
  const sockets = new Set<Socket>();
  const children = new Set<ChildProcess>();
  /** Pending starts of agents, by token. */
  const awaited = new Map<string, Awaited>();
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
    let arrived: Awaited | undefined;
    try {
      const channel = new LineChannel(socket, socket, HELLO_LIMIT);
      const link = await AgentLink.open(channel, limit, (token = '') => {
        arrived = awaited.get(token);
        // A token admits one agent, once.
        awaited.delete(token);
        return arrived !== undefined;
      });
      guests.delete(socket);
      channel.limit = LINE_LIMIT;
      arrived!.resolve(link);
    } catch (error) {
      // It is the expected agent, but unusable.
      arrived?.reject(error as Error);
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
      const arrival = new Promise<AgentLink>((resolve, reject) => {
        awaited.set(token, { resolve, reject });
      });
      onlistening?.(address, token);
      const ways: Promise<AgentLink>[] = [arrival];
      let started: StartedChild | undefined;
      if (command) {
        started = startChild(
          command,
          { GOODBYTE_AGENT_CONNECT: address, GOODBYTE_AGENT_TOKEN: token },
          'ignore',
        );
        const { child, failed } = started;
        children.add(child);
        child.once('close', () => children.delete(child));
        // Its last output may still be on its way.
        ways.push(
          failed.catch((end) =>
            within(arrival, SETTLED, '').catch((error) => {
              throw error instanceof AgentLost ? error : end;
            }),
          ),
        );
      }
      try {
        const link = await within(
          Promise.race(ways),
          command ? limit : WAIT_FOR_PERSON,
          'no agent has connected',
        );
        link.process = started;
        return {
          link,
          async stop() {
            link.close();
            if (started) await stopChild(started.child);
          },
        };
      } catch (error) {
        const { message } = error as Error;
        throw new AgentLost(started ? withStderr(message, started) : message, {
          cause: error,
        });
      } finally {
        awaited.delete(token);
      }
    },
    async stop() {
      for (const { reject } of awaited.values()) {
        reject(new AgentLost('no agent is waited for any more'));
      }
      const closing = await opening;
      opening = undefined;
      // First, so that later ones are not waited for.
      const closed = closing && once(closing.close(), 'close');
      for (const socket of sockets) socket.destroy();
      await Promise.all([...children].map(stopChild));
      await closed;
    },
  };
}

/** Milliseconds for an agent's last output, once its process has ended. */
const SETTLED = 100;

/** Milliseconds in which somebody types the agent's command elsewhere. */
const WAIT_FOR_PERSON = 300_000;
