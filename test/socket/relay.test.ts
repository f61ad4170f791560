import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as later } from 'node:timers/promises';
import t from 'tap';
import {
  createServer,
  type ServerOptions,
  type Socket,
} from '../../src/index.js';
import { connect } from '../../src/promises.js';
import { relayTo } from '../support/relay.js';

// The relay between the two ends does not pass half-close on.

async function through(
  t: Parameters<typeof relayTo>[0],
  options: ServerOptions = {},
  eagerFin = false,
): Promise<{ client: Socket; peer: Socket }> {
  const server = createServer({ ...options, eagerFin });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = await relayTo(t, (server.address() as AddressInfo).port);
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = await connect({ port, host: '127.0.0.1', eagerFin });
  const [peer] = await accepted;
  t.teardown(() => {
    for (const socket of [client, peer]) socket.resetAndDestroy();
    server.close();
  });
  return { client, peer };
}

/** Long enough for FIN to arrive first, if it is sent. */
const answerLater = async () => {
  await later(20);
  return 'the answer';
};

t.test('the client speaks first', async (t) => {
  const { client, peer } = await through(t, { answer: answerLater });
  peer.resume();
  t.equal(String(await client.disconnect('the word')), 'the answer');
});

t.test('the server speaks first', async (t) => {
  const { client, peer } = await through(t);
  client.answer = answerLater;
  client.resume();
  t.equal(String(await peer.disconnect('the word')), 'the answer');
});

t.test('both speak at once', async (t) => {
  const { client, peer } = await through(t);
  const words = await Promise.all([
    client.disconnect('of the client'),
    peer.disconnect('of the server'),
  ]);
  t.strictSame(words.map(String), ['of the server', 'of the client']);
});

t.test('an abort is reported as one', async (t) => {
  const { client, peer } = await through(t);
  peer.resume();
  const failed = once(peer, 'error') as Promise<[NodeJS.ErrnoException]>;
  client.resetAndDestroy();
  const [error] = await failed;
  t.equal(error.code, 'ECONNRESET');
});
