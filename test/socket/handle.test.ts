// net's names of its inside are what this is about.
/* oxlint-disable eslint/no-underscore-dangle -- libraries use _handle */

import { once } from 'node:events';
import net from 'node:net';
import t from 'tap';
import goodbyte, { createServer, Socket } from '../../src/index.js';
import { listen } from '../../src/promises.js';
import type { Handle } from '../../src/socket/handle.js';
import { connected, portOf } from '../support/serve.js';

// As with net's own handles: programs replace their methods, close them, or make
// another Socket of one.

type Call = [name: 'setNoDelay' | 'setKeepAlive', ...values: unknown[]];

/** Its methods record their calls, and then do the same as before. */
function spy(handle: object): Call[] {
  const calls: Call[] = [];
  for (const name of ['setNoDelay', 'setKeepAlive'] as const) {
    const method = Reflect.get(handle, name) as (
      ...values: unknown[]
    ) => unknown;
    Reflect.set(handle, name, (...values: unknown[]) => {
      calls.push([name, ...values.slice(0, 2)]);
      return Reflect.apply(method, handle, values);
    });
  }
  return calls;
}

const settings: [options: object, calls: Call[]][] = [
  [{}, []],
  [{ noDelay: false, keepAlive: 0 }, []],
  [{ noDelay: 1 }, [['setNoDelay', true]]],
  [{ keepAlive: true }, [['setKeepAlive', true, 0]]],
  [
    { keepAlive: 'yes', keepAliveInitialDelay: 45_678 },
    [['setKeepAlive', true, 45]],
  ],
];

/** net has fewer options of some types, but not in JavaScript. */
for (const [kind, { connect, createServer }] of Object.entries({
  net,
  goodbyte: goodbyte as unknown as typeof net,
})) {
  for (const [options, calls] of settings) {
    const what = JSON.stringify(options);
    t.test(`${kind}: a caller's ${what} goes through its handle`, async (t) => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as net.AddressInfo;
      const socket = connect({ port, host: '127.0.0.1', ...options });
      const seen = spy(Reflect.get(socket, '_handle') as object);
      await once(socket, 'connect');
      t.same(seen, calls);
      seen.length = 0;
      socket.setNoDelay(true).setNoDelay(true);
      socket.setKeepAlive(true, 45_999).setKeepAlive(true, 45_000);
      t.same(seen.length, 2 - calls.length + (calls[0]?.[2] === 0 ? 1 : 0));
      socket.destroy();
      server.close();
    });

    t.test(`${kind}: a callee's ${what} goes through it`, async (t) => {
      const server = createServer(options).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const handle = Reflect.get(server, '_handle') as {
        onconnection: (error: number, client: object) => void;
      };
      const { onconnection } = handle;
      let seen: Call[] = [];
      let client: object | undefined;
      handle.onconnection = (error, its) => {
        client = its;
        seen = spy(its);
        onconnection.call(handle, error, its);
      };
      const { port } = server.address() as net.AddressInfo;
      const socket = connect(port, '127.0.0.1');
      const [accepted] = (await once(server, 'connection')) as [net.Socket];
      t.same(seen, calls);
      t.equal(Reflect.get(accepted, '_handle'), client);
      const [, , seconds] =
        calls.find(([name]) => name === 'setKeepAlive') ?? [];
      if (seconds)
        t.equal(Reflect.get(server, 'keepAliveInitialDelay'), seconds);
      accepted.destroy();
      socket.destroy();
      server.close();
    });
  }

  t.test(`${kind}: a write to a closed handle`, async (t) => {
    for (const isRemoved of [false, true]) {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as net.AddressInfo;
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      const failed = once(socket, 'error');
      (Reflect.get(socket, '_handle') as Handle).close();
      t.ok(Reflect.get(socket, '_handle'));
      if (isRemoved) Reflect.set(socket, '_handle', null);
      socket.write('lost');
      const [error] = (await failed) as [NodeJS.ErrnoException];
      const { constructor, code, message } = error;
      t.same(
        [constructor, code, message],
        isRemoved
          ? [Error, 'ERR_SOCKET_CLOSED', 'Socket is closed']
          : [Error, 'EBADF', 'write EBADF'],
      );
      server.close();
    }
  });
}

t.test('a closed handle closes its socket', async (t) => {
  for (const end of [
    (socket: Socket) => socket._handle?.close(),
    (socket: Socket) => (socket._handle = null),
  ]) {
    const { caller, callee, server } = await connected(t);
    const ended = once(callee.resume(), 'end');
    end(caller);
    await once(caller, 'close');
    t.equal(caller._handle, null);
    await ended;
    await once(server.close(), 'close');
  }
});

t.test('a socket is made of the handle of another', async (t) => {
  const { caller, callee, server } = await connected(t);
  const handle = callee._handle!;
  const taker = new Socket({ handle });
  t.equal(taker._handle, handle);
  t.equal(callee._handle, null);
  t.match(taker, { readyState: 'open', framed: true, server: null });
  const [lost] = await Promise.all([
    once(callee, 'error'),
    Promise.resolve(callee.write('to nobody')),
  ]);
  t.match(lost, [{ code: 'ERR_SOCKET_CLOSED' }]);
  taker.write('from the taker');
  t.equal(String((await once(caller, 'data'))[0]), 'from the taker');
  // The server counts what it has accepted.
  await once(server.close(), 'close');
  taker.answer = (word) => `answer to ${String(word)}`;
  taker.resume();
  t.equal(String(await caller.resume().disconnect('bye')), 'answer to bye');
});

t.test('a handle without an open connection makes no socket', async (t) => {
  const server = await listen(createServer(), { port: 0, host: '127.0.0.1' });
  const socket = new Socket().connect(portOf(server), '127.0.0.1');
  const handle = socket._handle!;
  const error = { code: 'ERR_INVALID_ARG_VALUE', message: /options\.handle/ };
  t.throws(() => new Socket({ handle }), error);
  await once(socket, 'connect');
  socket.destroy();
  t.throws(() => new Socket({ handle }), error);
  server.close();
});

t.test('who takes onconnection over may keep the connection', async (t) => {
  const server = createServer(() => t.fail("is not the server's"));
  await listen(server, { port: 0, host: '127.0.0.1' });
  const kept = new Promise<Socket>((resolve) => {
    server._handle!.onconnection = (_error, handle) => {
      handle.setNoDelay(false);
      handle.setKeepAlive(true, 1, 1, 3);
      handle.unref();
      handle.ref();
      resolve(new Socket({ handle }));
    };
  });
  const caller = new Socket().connect(portOf(server), '127.0.0.1');
  const socket = await kept;
  server._handle!.unref();
  server._handle!.ref();
  server._handle!.close();
  await once(server, 'close');
  t.equal(server._handle, null);
  socket.end('kept');
  t.equal(String((await once(caller, 'data'))[0]), 'kept');
  await once(caller, 'close');
});

t.test('a handle that nobody has taken is closed', async (t) => {
  const server = await listen(createServer(), { port: 0, host: '127.0.0.1' });
  let closed: Promise<void> | undefined;
  server._handle!.onconnection = (_error, handle) => {
    closed = new Promise((resolve) => handle.close(resolve));
  };
  const caller = new Socket().connect(portOf(server), '127.0.0.1').resume();
  await once(caller, 'end');
  await closed;
  t.equal(caller.errored, null);
  server.close();
});
