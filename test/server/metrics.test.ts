import { once } from 'node:events';
import net from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import {
  accept,
  reject,
  type Server,
  type ServerMetrics,
  type Socket,
} from '../../src/index.js';
import { connect } from '../../src/promises.js';
import { serve } from '../support/serve.js';

/** Waits until a server has these counts; the test's limit ends it. */
async function counted(
  t: Test,
  server: Server,
  expected: Partial<ServerMetrics>,
): Promise<void> {
  const isThere = () =>
    Object.entries(expected).every(
      ([name, value]) =>
        server.metrics()[name as keyof ServerMetrics] === value,
    );
  while (!isThere()) await nextTurn();
  t.match(server.metrics(), expected);
}

t.test('a new server has counted nothing', async (t) => {
  const { server } = await serve(t);
  for (const [name, value] of Object.entries(server.metrics())) {
    t.equal(value, 0, name);
  }
});

t.test('verdicts by kind', async (t) => {
  const { server, port } = await serve(t, {
    condition({ callerData }) {
      switch (String(callerData)) {
        case 'throw':
          throw new Error('a mistake');
        case 'refuse':
          return reject();
        case 'wait':
          return new Promise(() => {});
        default:
          return accept();
      }
    },
  });
  server.on('conditionError', () => {});
  for (const callerData of ['throw', 'refuse', 'refuse']) {
    await t.rejects(connect({ port, callerData }));
  }
  const socket = await connect({ port });
  const leaver = net.connect(port);
  leaver.destroy();
  const waiting = connect({ port, callerData: 'wait' });
  waiting.catch(() => {});
  await counted(t, server, { deferred: 1 });
  server.maxConnections = 1;
  await t.rejects(connect({ port }));
  await counted(t, server, {
    accepted: 1,
    rejected: 3,
    dropped: 1,
    conditionErrors: 1,
    connections: 1,
    deferred: 1,
  });
  await Promise.all([server.drain(), socket.disconnect()]);
  await counted(t, server, { withdrawn: 1, deferred: 0, connections: 0 });
});

t.test('words, octets and ends', async (t) => {
  const { server, port } = await serve(
    t,
    { answer: () => 'so long' },
    (socket) => socket.resume(),
  );
  const ended = await connect({ port });
  ended.write('12345');
  t.equal(String(await ended.disconnect('bye')), 'so long');
  await counted(t, server, {
    ended: 1,
    answered: 1,
    wordsSent: 1,
    wordsReceived: 1,
    bytesRead: 5,
  });

  const reset = await connect({ port });
  reset.resetAndDestroy();
  await counted(t, server, { failed: 1, cut: 0 });

  const aborted = once(server, 'connection');
  const peer = await connect({ port });
  peer.on('error', () => {});
  const [callee] = (await aborted) as [Socket];
  callee.resetAndDestroy();
  await counted(t, server, { aborted: 1, wordsLost: 0 });

  const closing = once(server, 'connection');
  const other = await connect({ port });
  const [closed] = (await closing) as [Socket];
  closed.destroy();
  other.resume();
  await counted(t, server, { closed: 1, connections: 0, lingering: 0 });
  t.equal(server.metrics().accepted, 4);
});

t.test('octets of open connections count', async (t) => {
  const { server, port } = await serve(t, {}, (socket) => {
    socket.on('data', () => socket.write('1234567'));
  });
  const socket = await connect({ port });
  socket.write('123');
  await once(socket, 'data');
  await counted(t, server, { bytesRead: 3, bytesWritten: 7, connections: 1 });
  socket.resetAndDestroy();
  await counted(t, server, { bytesRead: 3, bytesWritten: 7, connections: 0 });
});

t.test('a drain’s progress, and its word that is lost', async (t) => {
  const { server, port } = await serve(t);
  const accepted = once(server, 'connection');
  // Its answer to the drain does not come.
  const answer = () => new Promise<undefined>(() => {});
  const socket = await connect({ port, answer });
  socket.on('error', () => {});
  await accepted;
  const drained = server.drain({ data: 'back at noon', deadline: 100 });
  t.equal(server.metrics().draining, 1);
  t.equal((await drained).aborted, 1);
  t.match(server.metrics(), {
    draining: 0,
    aborted: 1,
    wordsSent: 1,
    wordsLost: 1,
  });
  socket.destroy();
});

t.test('failed handshakes, across listens', async (t) => {
  const { server, port } = await serve(t, { handshakeTimeout: 1 });
  const strange = net.connect(port);
  strange.on('error', () => {}).write('GET / HTTP/1.1\r\n\r\n');
  await counted(t, server, { handshakeErrors: 1 });
  const slow = net.connect(port);
  slow.on('error', () => {}).write('G');
  await counted(t, server, { handshakeErrors: 2 });
  const { handshakeTimeouts } = server.metrics();
  server.close();
  await once(server, 'close');
  t.match(server.metrics(), { handshakeErrors: 2, handshakeTimeouts });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.equal(server.metrics().handshakeErrors, 2);
  for (const one of [strange, slow]) one.destroy();
});
