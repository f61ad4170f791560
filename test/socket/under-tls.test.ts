import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import tls from 'node:tls';
import t from 'tap';
import { Socket, connect } from '../../src/index.js';
import { clientTls, serverTls } from '../support/media.js';
import { serve } from '../support/serve.js';

// Node's TLS around a Socket, at both ends, as around a net.Socket. An error without a
// listener is an uncaught exception, and fails the test.

/** A server with TLS around its sockets, which answers what it receives. */
async function secured(
  t: Parameters<typeof serve>[0],
  onheard: (raw: Socket, secure: tls.TLSSocket) => void,
): Promise<number> {
  const { port } = await serve(t, {}, (raw) => {
    const secure = new tls.TLSSocket(raw, { isServer: true, ...serverTls });
    secure.on('data', () => {
      onheard(raw, secure);
    });
  });
  return port;
}

const endings: Record<string, (raw: Socket, secure: tls.TLSSocket) => void> = {
  'in TLS and below': (_, secure) => secure.end(),
  'below alone': (raw) => raw.end(),
  'by a destroy': (raw) => raw.destroy(),
};

for (const [ending, end] of Object.entries(endings)) {
  t.test(`a peer that ends ${ending}`, async (t) => {
    const port = await secured(t, end);
    const raw = connect(port, '127.0.0.1');
    const secure = tls.connect({ socket: raw, ...clientTls });
    await once(secure, 'secureConnect');
    secure.resume().write('ping');
    await Promise.all([
      once(secure, 'end'),
      once(secure, 'close'),
      once(raw, 'close'),
    ]);
    // TLS writes the rest in later ticks.
    await nextTurn();
    t.ok(secure.destroyed);
  });
}

t.test('a socket that connects later is waited for', async (t) => {
  const port = await secured(t, (_, secure) => secure.write('pong'));
  const raw = new Socket();
  const secure = tls.connect({ socket: raw, ...clientTls });
  await nextTurn();
  raw.connect(port, '127.0.0.1');
  await once(secure, 'secureConnect');
  secure.write('ping');
  const [heard] = (await once(secure, 'data')) as [Buffer];
  t.equal(String(heard), 'pong');
  secure.destroy();
});

t.test('one that never does is released', async (t) => {
  const raw = new Socket();
  const secure = tls.connect({ socket: raw, ...clientTls });
  await nextTurn();
  secure.on('error', () => {}).destroy();
  raw.destroy();
  await once(raw, 'close').catch(() => {});
  t.ok(raw.destroyed);
  const own = new Socket();
  const failed = once(own, 'error');
  own.write('x');
  t.match(
    await failed.catch((error: unknown) => [error]),
    [{ code: 'ERR_SOCKET_CLOSED' }],
    'and a write without TLS is reported, as with net',
  );
});

t.test('a write after the end, without TLS, fails', async (t) => {
  const { server, port } = await serve(t);
  const taken = once(server, 'connection') as Promise<[Socket]>;
  const socket = connect(port, '127.0.0.1').resume();
  const [peer] = await taken;
  peer.resume().end();
  await once(socket, 'end');
  await nextTurn();
  socket.on('error', () => {});
  const told = await new Promise((resolve) => socket.write('late', resolve));
  t.match(told, { code: /EPIPE|ERR_STREAM_(WRITE_AFTER_END|DESTROYED)/ });
});
