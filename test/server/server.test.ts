import { EventEmitter, once } from 'node:events';
import { createConnection, createServer as createNetServer } from 'node:net';
import type { Duplex } from 'node:stream';
import t from 'tap';
import {
  connect as connectNow,
  createServer,
  type Socket,
} from '../../src/index.js';
import { connect, listen } from '../../src/promises.js';
import { duplexPair } from '../support/duplex-pair.js';
import { clientTls, freePipePath, serverTls } from '../support/media.js';
import { connected, portOf, serve } from '../support/serve.js';

t.test('close waits for last words on their way', async (t) => {
  const { server, caller, callee } = await connected(t);
  caller.pause();
  callee.write(Buffer.alloc(4 << 20));
  callee.destroy();
  let isClosed = false;
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      isClosed = true;
      resolve();
    });
  });
  await once(callee, 'close');
  server.getConnections((error, count) => {
    t.strictSame([error, count], [null, 0]);
  });
  t.equal(isClosed, false);
  caller.resume();
  await closed;
  t.equal(isClosed, true);
});

t.test('closeAllConnections closes all gracefully', async (t) => {
  const { server, caller } = await connected(t);
  const ended = once(caller.resume(), 'end');
  server.close();
  server.closeAllConnections();
  await Promise.all([ended, once(server, 'close')]);
});

t.test('await using', async (t) => {
  const server = createServer();
  await server[Symbol.asyncDispose]();
  await listen(server);
  t.equal(server.listening, true);
  await server[Symbol.asyncDispose]();
  t.equal(server.listening, false);
  await server[Symbol.asyncDispose]();
});

t.test('listen as a promise rejects with its error', async (t) => {
  const { port } = await serve(t);
  await t.rejects(listen(createServer(), { port, host: '127.0.0.1' }), {
    code: 'EADDRINUSE',
    syscall: 'listen',
    port,
    winsock: { name: 'WSAEADDRINUSE', code: 10048 },
  });
});

t.test('for await', async (t) => {
  await t.test('yields accepted sockets until the server closes', async (t) => {
    const { server, port } = await serve(t);
    const callers = await Promise.all([connect({ port }), connect({ port })]);
    void callers;
    let seen = 0;
    const loop = (async () => {
      for await (const socket of server) {
        socket.destroy();
        if (++seen === 2) server.close();
      }
    })();
    callers.push(await connect({ port }), await connect({ port }));
    await loop;
    t.equal(seen, 2, 'those accepted before the loop were listeners’');
    for (const caller of callers) caller.destroy();
  });

  await t.test('left early stops accepting, and loses no caller', async (t) => {
    const { server, port } = await serve(t);
    const iterator = server[Symbol.asyncIterator]();
    const callers = [
      await connect({ port, callerData: '1' }),
      await connect({ port, callerData: '2' }),
    ];
    for await (const socket of iterator) {
      t.equal(String(socket.callerData), '1');
      break;
    }
    t.equal(server.listening, false);
    await t.rejects(connect({ port }), { code: 'ECONNREFUSED' });
    const rest: string[] = [];
    for await (const socket of server) rest.push(String(socket.callerData));
    t.strictSame(rest, ['2']);
    for (const caller of callers) caller.destroy();
  });

  await t.test('throws the error that ends listening', async (t) => {
    const { port } = await serve(t);
    const server = createServer();
    const next = server[Symbol.asyncIterator]().next();
    server.listen(port, '127.0.0.1');
    await t.rejects(next, { code: 'EADDRINUSE' });
  });
});

t.test('any Duplex can carry a connection', async (t) => {
  const [here, there] = duplexPair();
  const server = createServer({ answer: (data) => `re: ${String(data)}` });
  const accepted = once(server, 'connection');
  server.adopt(there);
  const socket = await connect({ stream: here, callerData: 'over a pair' });
  const [callee] = (await accepted) as [Socket];
  t.equal(String(callee.callerData), 'over a pair');
  t.equal(socket.remoteAddress, undefined);
  t.strictSame(socket.address(), {});
  t.equal(String(await socket.disconnect('bye')), 're: bye');
  const closed = once(server, 'close');
  server.close();
  await closed;
});

t.test('a server that listens adopts as well', async (t) => {
  const { server } = await serve(t);
  const front = createNetServer({ allowHalfOpen: true }, (socket: Duplex) => {
    server.adopt(socket);
  });
  front.listen(0);
  await once(front, 'listening');
  const accepted = once(server, 'connection');
  const caller = await connect((front.address() as { port: number }).port);
  await accepted;
  caller.destroy();
  front.close();
});

t.test('TLS', async (t) => {
  const { server, port } = await serve(t, {
    tls: serverTls,
    answer: (data) => data?.toString(),
  });
  const socket = await connect({
    port,
    host: '127.0.0.1',
    tls: clientTls,
    callerData: 'in secret',
  });
  t.match(socket.stream, { alpnProtocol: 'goodbyte/1', authorized: true });
  t.equal(String(await socket.disconnect('bye')), 'bye');

  const failed = once(server, 'handshakeError');
  await t.rejects(connect({ port, host: '127.0.0.1', tls: {} }), {
    code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    winsock: {},
  });
  createConnection(port, '127.0.0.1')
    .on('error', () => {})
    .end('not TLS');
  await failed;
});

t.test('paths', async (t) => {
  const path = freePipePath();
  const server = createServer();
  server.listen(path);
  await once(server, 'listening');
  t.equal(server.address(), path);
  const socket = await connect(path);
  t.equal(socket.remoteAddress, undefined);
  const closed = once(server, 'close');
  server.close();
  await socket.disconnect();
  await closed;
  await t.rejects(connect({ path: freePipePath() }), {
    code: 'ENOENT',
    syscall: 'connect',
    winsock: { name: 'WSAECONNREFUSED' },
  });
});

t.test('messages keep their boundaries', async (t) => {
  const { caller, callee } = await connected(
    t,
    { socketType: 'message', messageLimit: 100_000 },
    { socketType: 'message' },
  );
  const sent = ['one', '', 'x'.repeat(70_000), 'four'];
  for (const message of sent) caller.write(message);
  caller.end();
  const seen: string[] = [];
  for await (const message of callee) seen.push(String(message));
  t.strictSame(seen, sent);
});

t.test('a message that the peer does not take is an error', async (t) => {
  const { caller } = await connected(
    t,
    { socketType: 'message', messageLimit: 10 },
    { socketType: 'message' },
  );
  const failed = once(caller, 'error');
  caller.write('longer than ten');
  t.match(await failed, [{ code: 'EMSGSIZE', syscall: 'write' }]);
});

t.test('socket types must agree', async (t) => {
  const { port } = await serve(t, { socketType: 'message' });
  await t.rejects(connect({ port }), {
    code: 'EPROTOTYPE',
    winsock: { name: 'WSAEPROTOTYPE', code: 10041 },
  });
});

t.test('signals', async (t) => {
  const server = createServer();
  const controller = new AbortController();
  server.listen({ port: 0, signal: controller.signal });
  await once(server, 'listening');
  const closed = once(server, 'close');
  controller.abort();
  await closed;

  const { port } = await serve(t);
  const connecting = new AbortController();
  const socket = connectNow({ port, signal: connecting.signal });
  const failed = once(socket, 'error');
  connecting.abort();
  t.match(await failed, [{ name: 'AbortError' }]);
});

t.test('an exception in a connection listener', async (t) => {
  const { server, port } = await serve(t);
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const thrown = once(process, 'uncaughtException');
  server.once('connection', () => {
    throw new Error('from a listener');
  });
  const socket = connectNow({ port }).on('error', () => {});
  t.match(await thrown, [{ message: 'from a listener' }]);
  for (const l of listeners) process.on('uncaughtException', l);
  const second = await connect({ port });
  socket.destroy();
  second.destroy();
});

t.test('rejections of async listeners are captured', async (t) => {
  EventEmitter.captureRejections = true;
  t.teardown(() => {
    EventEmitter.captureRejections = false;
  });
  const { server, port } = await serve(t);
  const reject = (socket: Socket): unknown => {
    socket.on('error', (error) => server.emit('told', error));
    return Promise.reject(new Error('async'));
  };
  server.on('connection', reject);
  const told = once(server, 'told');
  const socket = await connect({ port });
  t.match(await told, [{ message: 'async' }]);
  socket.destroy();
});

t.test('a server can listen again', async (t) => {
  const server = createServer();
  for (let round = 0; round < 3; round++) {
    server.listen(0);
    await once(server, 'listening');
    const socket = await connect({ port: portOf(server) });
    const closed = once(server, 'close');
    server.close();
    await socket.disconnect();
    await closed;
  }
  t.pass('three times');
});
