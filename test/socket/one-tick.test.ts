// Writes of one tick: the first goes out at once, the others together at its end. Only
// the number of frames shows this.
import { AsyncLocalStorage } from 'node:async_hooks';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { connect, type ConnectOptions, type Socket } from '../../src/index.js';
import { FrameType } from '../../src/provider/framed/wire.js';
import { narrowPair } from '../support/narrow-pair.js';
import { serve } from '../support/serve.js';
import { acceptFrame, calleePreface, framesIn } from '../support/wire.js';

/** A socket that is connected, in a tick in which it has written nothing. */
async function connected(t: Test, options: ConnectOptions): Promise<Socket> {
  const socket = connect(options as { port: number });
  t.teardown(() => socket.destroy());
  if (socket.connecting) await once(socket, 'connect');
  await nextTurn();
  return socket;
}

/** A server's connection, its received octets, and its end. */
async function receiving(t: Test, options = {}) {
  let hasEnded!: (how: string) => void;
  const ended = new Promise<string>((resolve) => {
    hasEnded = resolve;
  });
  const received: Buffer[] = [];
  const { port } = await serve(t, options, (socket) => {
    socket.on('data', (octets) => received.push(octets));
    socket.on('end', () => {
      hasEnded('gracefully');
    });
    socket.on('error', () => {
      hasEnded('by an error');
    });
  });
  const target = { port, host: '127.0.0.1' };
  return { target, ended, text: () => Buffer.concat(received).toString() };
}

const LINES = Array.from({ length: 1000 }, (_, at) => `line ${at}\n`);

t.test('a thousand writes are three frames', async (t) => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  const arrival = once(server, 'connection') as Promise<[net.Socket]>;
  const socket = connect({ port, host: '127.0.0.1' });
  const [peer] = await arrival;
  let octets: Buffer = Buffer.alloc(0);
  peer.on('data', (more: Buffer) => {
    octets = Buffer.concat([octets, more]);
    if (octets.length === more.length) {
      peer.write(Buffer.concat([calleePreface, acceptFrame()]));
    }
  });
  await once(socket, 'connect');
  await nextTurn();
  for (const line of LINES) socket.write(line);
  socket.on('error', () => {});
  socket.end();
  await once(peer, 'data');
  while (framesIn(octets).at(-1)![0] !== FrameType.DISCONNECT) {
    await once(peer, 'data');
  }
  const sent = framesIn(octets).filter(([type]) => type === FrameType.DATA);
  t.equal(sent.length, 3);
  t.equal(sent.map(([, payload]) => payload).join(''), LINES.join(''));
  peer.destroy();
});

const endings: Record<string, [(socket: Socket) => unknown, string]> = {
  end: [(socket) => socket.end(), 'gracefully'],
  destroy: [(socket) => socket.destroy(), 'gracefully'],
  'destroy with an error': [
    (socket) => socket.destroy(new Error('mine')),
    'gracefully',
  ],
  abort: [(socket) => socket.resetAndDestroy(), 'by an error'],
};

for (const [way, [end, how]] of Object.entries(endings)) {
  t.test(`writes, and in their tick ${way}`, async (t) => {
    const { target, ended, text } = await receiving(t);
    const socket = await connected(t, target);
    const told: string[] = [];
    socket.on('error', () => told.push('error'));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    for (const line of LINES.slice(0, 3)) {
      socket.write(line, (error) => {
        told.push(error ? String(error) : line);
      });
    }
    end(socket);
    t.equal(await ended, how);
    t.equal(text(), LINES.slice(0, 3).join(''));
    socket.resume();
    await closed;
    const failed = way === 'destroy with an error' ? ['error'] : [];
    t.strictSame(told, [...LINES.slice(0, 3), ...failed]);
  });
}

t.test('data that the medium does not take was not written', async (t) => {
  const [here, there] = narrowPair();
  const { server } = await serve(t, {}, (socket) => {
    socket.pause().on('error', () => {});
  });
  server.adopt(there);
  const socket = await connected(t, { stream: here });
  const told: unknown[] = [];
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (const octets of [10, 10, 16 << 20]) {
    socket.write(Buffer.alloc(octets), (error) => told.push(error?.message));
  }
  socket.destroy(new Error('mine'));
  await closed;
  await nextTurn();
  t.equal(told.at(-1), 'mine');
  t.equal(told.length, 3);
});

t.test('a short buffer belongs to its owner after write()', async (t) => {
  const { target, ended, text } = await receiving(t);
  const socket = await connected(t, target);
  const octets = Buffer.alloc(1);
  for (const letter of 'goodbyte') {
    octets.write(letter);
    socket.write(octets);
  }
  socket.end();
  await ended;
  t.equal(text(), 'goodbyte');
});

t.test(
  'a write calls back in the order and the context of a tick',
  async (t) => {
    const { target } = await receiving(t);
    const socket = await connected(t, target);
    const storage = new AsyncLocalStorage<string>();
    const told: unknown[] = [];
    await storage.run('mine', async () => {
      socket.write('1', () => told.push(1, storage.getStore()));
      socket.write('2', () => told.push(2, storage.getStore()));
      t.equal(socket.writableLength, 1, 'the second is with the stream');
      await new Promise<void>((resolve) => {
        socket.write('3', () => {
          resolve();
        });
      });
    });
    t.strictSame(told, [1, 'mine', 2, 'mine']);
    t.equal(socket.writableLength, 0);
  },
);

const program = path.join(import.meta.dirname, '../support/write-and-exit.js');

for (const way of [
  'behind the writes',
  'before the writes, which a listener makes',
  'by an error',
]) {
  t.test(`a process that exits ${way}`, async (t) => {
    const { target, ended, text } = await receiving(t);
    const child = spawn(process.execPath, [program, `${target.port}`, way], {
      stdio: 'ignore',
      timeout: 20_000,
    });
    await once(child, 'exit');
    await ended;
    t.equal(text(), LINES.slice(0, 100).join(''));
  });
}
