import { once } from 'node:events';
import type { Test } from 'tap';
import { accept, reject, type Server, type Socket } from '../../src/index.js';
import { connect } from '../../src/promises.js';
import { clientTls } from '../support/media.js';
import { portOf, serve } from '../support/serve.js';

/** Octets sent in each direction before the last words. */
const BULK = Buffer.alloc(8192, 'goodbyte');

const STRANGER = 'a stranger';

/** Options with which callers reach a server. */
export interface Way {
  server: Server;
  /** The accepted sockets, by what their callers gave with connect. */
  accepted: Map<string, Socket>;
  /** At 127.0.0.1. */
  port: number;
  tls: boolean;
}

/** Answers a number with the next one, after a number of milliseconds. */
function answering(socket: Socket, delay: number): Socket {
  socket.answer = async (word) => {
    if (delay > 0) await new Promise((done) => setTimeout(done, delay));
    return String(Number(word) + 1);
  };
  return socket;
}

/**
 * A server that greets, echoes, and answers last words after as many
 * milliseconds as the caller's data ends with.
 */
export async function serveWay(t: Test, proxyProtocol: boolean): Promise<Way> {
  const accepted = new Map<string, Socket>();
  const { server } = await serve(
    t,
    {
      proxyProtocol,
      // No proxy reports a caller that is stuck.
      idleTimeout: 3000,
      condition: ({ callerData }) =>
        String(callerData) === STRANGER
          ? reject('who are you?')
          : accept({ calleeData: `good morning, ${String(callerData)}` }),
    },
    (socket) => {
      const name = String(socket.callerData);
      accepted.set(name, socket);
      socket.on('data', (data) => socket.write(data));
      answering(socket, Number(name.split(' ').at(-1)));
    },
  );
  return { server, accepted, port: portOf(server), tls: false };
}

export const connectOptions = ({ port, tls }: Way) => ({
  host: '127.0.0.1',
  port,
  ...(tls && { tls: clientTls }),
});

let callers = 0;

/** Both ends of a connection that has greeted and sent octets both ways. */
export async function open(
  way: Way,
  delay = 0,
): Promise<{ caller: Socket; callee: Socket }> {
  const callerData = `teller ${callers++}, ${delay}`;
  const caller = await connect({ ...connectOptions(way), callerData });
  if (String(caller.calleeData) !== `good morning, ${callerData}`) {
    throw new Error(`the greeting is ${String(caller.calleeData)}`);
  }
  caller.write(BULK);
  let left = BULK.length;
  caller.on('data', (data: Buffer) => (left -= data.length));
  while (left > 0) await once(caller, 'data');
  return { caller, callee: way.accepted.get(callerData)! };
}

/** A result for each kind of session; its name says who begins. */
export const sessions = {
  async clientFirst(way: Way, delay: number): Promise<string> {
    const { caller } = await open(way, delay);
    return String(await caller.disconnect('41'));
  },

  async serverFirst(way: Way, delay: number): Promise<string> {
    const { caller, callee } = await open(way);
    answering(caller, delay);
    return String(await callee.disconnect('41'));
  },

  async clientAborts(way: Way): Promise<string> {
    const { caller, callee } = await open(way);
    const end = endOf(callee);
    caller.resetAndDestroy();
    return end;
  },

  async serverAborts(way: Way): Promise<string> {
    const { caller, callee } = await open(way);
    const end = endOf(caller);
    callee.resetAndDestroy();
    return end;
  },

  async refused(way: Way): Promise<string> {
    try {
      await connect({ ...connectOptions(way), callerData: STRANGER });
      return 'accepted';
    } catch (error) {
      const { code, rejectData } = error as NodeJS.ErrnoException & {
        rejectData?: Buffer;
      };
      return `${code}: ${String(rejectData)}`;
    }
  },
};

/** How a socket's life ends: an error's code, or a goodbye. */
export async function endOf(socket: Socket): Promise<string> {
  let end = 'no goodbye';
  socket.on('disconnect', (data) => (end = `goodbye ${String(data)}`));
  socket.on('error', (error: NodeJS.ErrnoException) => (end = error.code!));
  await new Promise((closed) => socket.once('close', closed));
  return end;
}

/** Runs `session` so many times, `width` of them at once; counts results. */
export async function tally(
  count: number,
  width: number,
  session: () => Promise<string>,
): Promise<Record<string, number>> {
  const results: Record<string, number> = {};
  let left = count;
  const lane = async () => {
    while (left-- > 0) {
      const result = await session().catch(String);
      results[result] = (results[result] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}
