// Peers that end at any point of the exchange, as callers and as callees.
//
//   node handshakes.js callers|callees|half-finished|burst
import { once } from 'node:events';
import net from 'node:net';
import { accept, createServer, type Server } from '../../../src/index.js';
import { connect } from '../../../src/promises.js';
import { FrameType } from '../../../src/provider/framed/wire.js';
import {
  acceptFrame,
  call,
  calleePreface,
  disconnectFrame,
  frame,
} from '../../support/wire.js';
import {
  close,
  exchange,
  host,
  print,
  serve,
  untilOpen,
} from '../support/exchange.js';

const rest = [frame(FrameType.DATA, 'data'), disconnectFrame('last word')];
const said = Buffer.concat([call({ userData: Buffer.from('words') }), ...rest]);
const answered = Buffer.concat([
  calleePreface,
  acceptFrame({ userData: Buffer.from('words') }),
  ...rest,
]);

/** How a raw peer ends, once goodbyte has had time to read. */
const endings: ((socket: net.Socket) => void)[] = [
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.end(),
];

async function turns(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise(setImmediate);
}

function portOf(server: Server | net.Server): number {
  return (server.address() as net.AddressInfo).port;
}

async function sayAndEnd(
  socket: net.Socket,
  octets: Uint8Array,
  ending: (socket: net.Socket) => void,
): Promise<void> {
  socket.on('error', () => {}).resume();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await new Promise<void>((resolve) => {
    socket.write(octets, () => {
      resolve();
    });
  });
  await turns();
  ending(socket);
  await closed;
}

/** A server that accepts everything, sometimes after a while. */
async function patientServer(
  handshakeTimeout: number,
): Promise<{ server: Server; port: number }> {
  const server = createServer(
    {
      handshakeTimeout,
      condition: async () => {
        await turns();
        return accept();
      },
    },
    (callee) => {
      callee.on('error', () => {}).resume();
      callee.answer = () => 'last word';
    },
  );
  server.on('conditionError', (error) => {
    throw error;
  });
  server.listen(0, host);
  await once(server, 'listening');
  return { server, port: portOf(server) };
}

async function callers(): Promise<unknown> {
  const { server, port } = await patientServer(10_000);
  for (const ending of endings) {
    for (let length = 0; length <= said.length; length++) {
      const socket = net.connect(port, host);
      await once(socket, 'connect');
      await sayAndEnd(socket, said.subarray(0, length), ending);
    }
  }
  for (;;) {
    const { pending, deferred } = server.statistics!;
    if (pending + deferred === 0) break;
    await turns();
  }
  await close(server);
  return { done: true };
}

async function callees(): Promise<unknown> {
  const codes = new Set<unknown>();
  let length = 0;
  let ending = endings[0]!;
  const server = net.createServer((socket) => {
    socket.once('data', () => {
      void sayAndEnd(socket, answered.subarray(0, length), ending);
    });
  });
  server.listen(0, host);
  await once(server, 'listening');
  for (ending of endings) {
    for (length = 0; length <= answered.length; length++) {
      try {
        const caller = await connect({ port: portOf(server), host });
        caller.resume();
        const closed = new Promise((resolve) => caller.once('close', resolve));
        caller.write('data');
        await caller.disconnect('last word');
        await closed;
        codes.add('none');
      } catch (error) {
        codes.add((error as NodeJS.ErrnoException).code);
      }
    }
  }
  server.close();
  return { codes: [...codes].map(String).toSorted() };
}

/** Callers that stop at any point, and stay. */
async function halfFinished(): Promise<unknown> {
  const { server, port } = await patientServer(100);
  const whole = call({ userData: Buffer.from('words') });
  const ended = Array.from({ length: whole.length }, async (_, length) => {
    const socket = net.connect(port, host);
    await sayAndEnd(socket, whole.subarray(0, length), () => {});
  });
  await Promise.all(ended);
  const { handshakeTimeouts, pending } = server.statistics!;
  await close(server);
  return { left: whole.length - handshakeTimeouts, pending };
}

async function burst(): Promise<unknown> {
  const { server, target } = await serve();
  await Promise.all(Array.from({ length: 500 }, () => exchange(target)));
  await close(server);
  return { done: true };
}

const work = { callers, callees, 'half-finished': halfFinished, burst }[
  process.argv[2]!
]!;
const outcome = await work();
await untilOpen(0);
print(outcome);
