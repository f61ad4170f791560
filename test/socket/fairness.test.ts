import net from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { SOCK_SEQPACKET } from '../../src/vocabulary/constants.js';
import type { Socket } from '../../src/index.js';
import { FrameType } from '../../src/provider/framed/wire.js';
import { serve } from '../support/serve.js';
import { call, disconnectFrame, frame } from '../support/wire.js';

const MANY = 100_000;
/** Messages of one connection in a turn of the loop (docs/architecture.md). */
const MOST = 1024;

/** A caller without a Socket, and the server's Socket for it. */
async function caller(
  port: number,
  accepted: (socket: Socket) => void,
  server: {
    once(event: 'connection', listener: (socket: Socket) => void): unknown;
  },
): Promise<net.Socket> {
  const taken = new Promise<void>((resolve) => {
    server.once('connection', (socket) => {
      accepted(socket);
      resolve();
    });
  });
  const raw = net.connect({ port, host: '127.0.0.1', noDelay: true });
  raw.on('error', () => {});
  raw.write(call({ socketType: SOCK_SEQPACKET }));
  await taken;
  return raw;
}

for (const { name, message } of [
  { name: 'empty messages', message: '' },
  { name: 'messages of an octet', message: '.' },
]) {
  t.test(`${name} of one leave others their turn`, async (t) => {
    const { server, port } = await serve(t, { socketType: 'message' });
    let count = 0;
    let inTurn = 0;
    let fullest = 0;
    let heardAt: number | undefined;
    let isOver = false;
    const hog = await caller(
      port,
      (socket) => {
        socket.on('data', () => {
          count++;
          inTurn++;
          fullest = Math.max(fullest, inTurn);
        });
        socket.once('end', () => (isOver = true));
      },
      server,
    );
    const other = await caller(
      port,
      (socket) => {
        socket.once('data', () => (heardAt = count));
      },
      server,
    );
    t.teardown(() => {
      hog.destroy();
      other.destroy();
    });
    const one = frame(FrameType.DATA, message);
    const all = Buffer.concat([
      Buffer.alloc(MANY * one.length, one),
      disconnectFrame(),
    ]);
    hog.end(all);
    other.write(frame(FrameType.DATA, 'my turn'));
    while (!isOver) {
      inTurn = 0;
      await nextTurn();
    }
    t.equal(count, MANY, 'nothing is lost');
    t.ok(fullest <= 2 * MOST, `${fullest} in a turn`);
    t.ok(heardAt! < MANY, `the other is heard behind ${heardAt}`);
  });
}
