// Replaces a server by the next generation while clients use it, and counts the clients
// that were cut off without a reason. Needs SO_REUSEPORT (not on Windows).
//
//   node dist/examples/rolling-restart/main.js [--clients 20] [--restarts 2]
import { fork, type ChildProcess } from 'node:child_process';
import { on, once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Socket, WinsockError } from 'goodbyte';
import { connect } from 'goodbyte/promises';
import { linesOf } from '../lines.js';
import type { ServerMessage } from './server.js';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '20' },
    restarts: { type: 'string', default: '2' },
  },
});
const counts = { answers: 0, told: 0, cut: 0, aborted: 0 };
const finish = new AbortController();
let generation = 0;

/** A port for both generations. */
async function choosePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function messageOf<T extends ServerMessage['type']>(
  child: ChildProcess,
  type: T,
): Promise<Extract<ServerMessage, { type: T }>> {
  for await (const [message] of on(child, 'message', {
    close: ['disconnect'],
  })) {
    const received = message as ServerMessage;
    if (received.type === type) {
      return received as Extract<ServerMessage, { type: T }>;
    }
  }
  throw new Error(`the server ended without "${type}"`);
}

async function startServer(): Promise<ChildProcess> {
  const program = path.join(import.meta.dirname, 'server.js');
  const child = fork(program, [String(port), String(++generation)]);
  await messageOf(child, 'listening');
  return child;
}

/** Resolves with the old generation's counts. */
async function stopServer(child: ChildProcess): Promise<void> {
  const stopped = messageOf(child, 'stopped');
  child.kill('SIGTERM');
  counts.aborted += (await stopped).aborted;
}

/** Refused while the server was stopping: nothing was decided, so call again. */
async function call(): Promise<Socket> {
  for (;;) {
    try {
      return await connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    } catch (error) {
      if ((error as WinsockError).code !== 'ECONNREFUSED') throw error;
      await sleep(10);
    }
  }
}

/** Sends one line after another; reconnects when it receives a reason. */
async function client(): Promise<void> {
  while (!finish.signal.aborted) {
    const socket = await call();
    socket.write('ping\n');
    try {
      for await (const answer of linesOf(socket)) {
        counts.answers += 1;
        progress(Number(answer.split(':')[0]));
        if (finish.signal.aborted) socket.end();
        else socket.write('ping\n');
      }
    } catch {
      // Cut off; counted below.
    }
    socket.end();
    if (socket.disconnectData) counts.told += 1;
    else if (!finish.signal.aborted) counts.cut += 1;
  }
}

let progress: (answeredBy: number) => void = () => {};

/** Resolves when this generation has answered a client. */
function served(wanted: number): Promise<void> {
  return new Promise((resolve) => {
    progress = (answeredBy) => {
      if (answeredBy >= wanted) resolve();
    };
  });
}

const port = await choosePort();
let current = await startServer();
let answered = served(generation);
const clients = Array.from({ length: Number(values.clients) }, client);
await answered;
for (let restart = 1; restart <= Number(values.restarts); restart++) {
  const old = current;
  current = await startServer();
  answered = served(generation);
  await stopServer(old);
  await answered;
  console.log(`generation ${generation} serves`);
}
finish.abort();
await Promise.all(clients);
await stopServer(current);

console.log(`answers:                  ${counts.answers}`);
console.log(`clients told why:         ${counts.told}`);
console.log(`cut off without a reason: ${counts.cut}`);
process.exitCode = counts.cut + counts.aborted === 0 ? 0 : 1;
