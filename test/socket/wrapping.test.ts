// This is about net's internal names.
/* oxlint-disable eslint/no-underscore-dangle -- libraries use _handle */

import { once } from 'node:events';
import { createRequire } from 'node:module';
import { inherits } from 'node:util';
import t from 'tap';
import net from '../../src/index.js';

await t.test('classes of before ES6 inherit from Server', async (t) => {
  const seen: unknown[] = [];
  function Old(this: net.Server) {
    Reflect.apply(net.Server, this, [
      (socket: net.Socket) => {
        seen.push(String(socket.callerData));
        socket.destroy();
      },
    ]);
  }
  inherits(Old, net.Server);
  const server = Reflect.construct(Old, []) as net.Server;
  t.ok(server instanceof net.Server);
  t.ok(server instanceof Old);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { address, port } = server.address() as net.AddressInfo;
  t.equal(server._connectionKey, `4:127.0.0.1:0`);
  const socket = net.connect({ host: address, port, callerData: 'hello' });
  await once(socket.resume(), 'close');
  t.same(seen, ['hello']);
  await once(server.close(), 'close');
  const made: unknown = Reflect.apply(net.Server, undefined, []);
  t.ok(made instanceof net.Server, 'and without a this');
});

await t.test('classes of before ES6 inherit from Socket', (t) => {
  function Old(this: net.Socket) {
    Reflect.apply(net.Socket, this, [{ highWaterMark: 5 }]);
  }
  inherits(Old, net.Socket);
  const socket = Reflect.construct(Old, []) as net.Socket;
  t.ok(socket instanceof net.Socket);
  t.ok(socket instanceof Old);
  t.equal(socket.readableHighWaterMark, 5);
  t.equal(socket.pending, true);
  socket.destroy();
  t.not(new net.Socket(), socket, 'and the next one is its own');
  t.end();
});

await t.test('getters can be read on objects that are not sockets', (t) => {
  const { Socket, Server } = net;
  const objects: [of: object, object: object][] = [
    [Socket.prototype, Socket.prototype],
    [Socket.prototype, Object.create(new Socket()) as object],
    [Server.prototype, Server.prototype],
    [Server.prototype, new Proxy(new Server(), {})],
  ];
  for (const [of, object] of objects) {
    for (const name of Object.getOwnPropertyNames(of)) {
      t.doesNotThrow(() => Reflect.get(object, name) as unknown, name);
    }
  }
  t.end();
});

await t.test('internals that programs touch', async (t) => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = new net.Socket();
  t.equal(socket._handle, null);
  const order: string[] = [];
  const { port } = server.address() as net.AddressInfo;
  socket.connect(port, '127.0.0.1', () => order.push('connect'));
  t.equal(socket._connecting, true);
  socket.write('early', () => order.push('written'));
  const [accepted] = (await once(server, 'connection')) as [net.Socket];
  await once(accepted, 'data');
  t.same(order, ['connect', 'written']);
  t.equal(socket._connecting, false);
  t.equal(socket._handle?.setNoDelay(true), 0);
  t.equal(socket._handle, socket._handle);
  accepted.end();
  socket._handle?.close();
  await once(socket, 'close');
  t.equal(socket._handle, null);
  await once(server.close(), 'close');
});

await t.test(
  'members of the module that require() returns can be replaced',
  (t) => {
    const load = createRequire(import.meta.url);
    const path = '../../src/index.js';
    const given = load(path) as typeof net & { default?: unknown };
    const { createConnection } = given;
    const mock = () => new net.Socket();
    given.createConnection = mock;
    t.teardown(() => {
      given.createConnection = createConnection;
    });
    t.equal((load(path) as typeof net).createConnection, mock);
    t.equal(net.createConnection, mock, 'an import gives the same');
    t.equal(given.default, net, 'as compiled ES modules ask');
    t.notOk(Object.keys(given).includes('default'));
    t.end();
  },
);
