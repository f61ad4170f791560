import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { connect as netConnect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import {
  accept,
  createServer,
  reject,
  type Condition,
  type ConditionRequest,
  type Server,
  type Socket,
} from '../../src/index.js';
import { connect, listen } from '../../src/promises.js';
import { framedProvider } from '../../src/provider/framed/provider.js';
import type { PeerIdentity } from '../../src/provider/provider.js';
import { flowspec } from '../../src/vocabulary/qos.js';
import { duplexPair } from '../support/duplex-pair.js';
import { freePipePath } from '../support/media.js';
import { portOf, serve } from '../support/serve.js';

t.test('a request names its caller', async (t) => {
  let seen: ConditionRequest | undefined;
  const { port } = await serve(t, {
    condition(request) {
      seen = request;
      return accept({ calleeData: Buffer.from('hello') });
    },
  });
  const socket = await connect({
    port,
    host: '127.0.0.1',
    callerData: new Uint8Array([1, 2, 3]),
  });
  t.match(seen, {
    callerId: {
      family: 'IPv4',
      address: '127.0.0.1',
      port: socket.localPort,
    },
    calleeId: { family: 'IPv4', address: '127.0.0.1', port },
    callerData: Buffer.from([1, 2, 3]),
    calleeDataLimit: 4096,
    framed: true,
    withdrawn: false,
  });
  t.equal(seen!.sqos, undefined);
  const { listening } = framedProvider.transport!;
  t.equal(
    seen!.stream?.constructor.name,
    listening === 'stream' ? 'Socket' : undefined,
  );
  t.equal(seen!.signal.aborted, false);
  t.equal(String(socket.calleeData), 'hello');
  t.strictSame(socket.callerData, Buffer.from([1, 2, 3]));
  t.equal(socket.framed, true);
  socket.destroy();
});

t.test(
  'the engine knows the peer of a Unix socket or named pipe',
  async (t) => {
    const { listening } = framedProvider.transport!;
    const isKnown = listening === 'engine';
    const tellsProcess = ['linux', 'darwin', 'win32'].includes(
      process.platform,
    );
    let identity: PeerIdentity | undefined;
    const server = createServer({
      condition({ callerId }) {
        ({ identity } = callerId);
        return accept();
      },
    });
    const path = freePipePath();
    await listen(server, { path });
    const caller = await connect({ path });
    t.strictSame(
      identity,
      isKnown
        ? {
            processId: tellsProcess ? process.pid : undefined,
            userId: process.getuid?.(),
            groupId: process.getgid?.(),
          }
        : undefined,
    );
    caller.destroy();

    await listen(server.close(), { port: 0, host: '127.0.0.1' });
    identity = undefined;
    const overTcp = await connect({ port: portOf(server), host: '127.0.0.1' });
    t.equal(identity, undefined, 'nobody knows it of TCP');
    overTcp.destroy();
    server.close();
  },
);

t.test('caller and callee data are known at both ends', async (t) => {
  const { server, port } = await serve(t, {
    condition: async () => accept({ calleeData: 'b' }),
  });
  const accepted = once(server, 'connection');
  const socket = await connect({ port, callerData: 'a' });
  const [callee] = (await accepted) as [Socket];
  t.strictSame([callee.callerData, callee.calleeData].map(String), ['a', 'b']);
  t.equal(callee.server, server);
  socket.destroy();
});

t.test('the quality of service comes back as changed', async (t) => {
  const { port } = await serve(t, {
    condition: (request) =>
      accept({
        sqos: {
          ...request.sqos!,
          sending: flowspec({ tokenRate: 1000 }),
        },
      }),
  });
  const asked = {
    sending: flowspec({ tokenRate: 9999 }),
    receiving: flowspec(),
  };
  const socket = await connect({ port, sqos: asked });
  t.equal(socket.sqos?.sending.tokenRate, 1000);
  socket.destroy();
});

const wrong: {
  name: string;
  condition: unknown;
  error: object;
}[] = [
  {
    name: 'throws',
    condition: () => {
      throw new Error('no database');
    },
    error: { message: 'no database' },
  },
  {
    name: 'rejects',
    condition: () => Promise.reject(new Error('no database')),
    error: { message: 'no database' },
  },
  {
    name: 'returns no verdict',
    condition: () => true,
    error: { code: 'ERR_INVALID_RETURN_VALUE' },
  },
  {
    name: 'resolves to no verdict',
    condition: async () => undefined,
    error: { code: 'ERR_INVALID_RETURN_VALUE' },
  },
  {
    name: 'gives more callee data than anyone takes',
    condition: () => accept({ calleeData: 'x'.repeat(65_536) }),
    error: { code: 'EFAULT', winsock: { name: 'WSAEFAULT' } },
  },
  {
    name: 'gives more callee data than anyone takes, later',
    condition: async () => accept({ calleeData: 'x'.repeat(65_536) }),
    error: { code: 'EFAULT', winsock: { name: 'WSAEFAULT' } },
  },
  {
    name: 'gives more reject data than anyone takes',
    condition: () => reject('x'.repeat(65_536)),
    error: { code: 'EFAULT' },
  },
];
for (const event of ['conditionError', 'error']) {
  for (const { name, condition, error } of wrong) {
    t.test(`a condition that ${name}: ${event}`, async (t) => {
      const { server, port } = await serve(t, {
        condition: condition as Condition,
      });
      const told = new Promise<unknown[]>((resolve) => {
        server.once(event, (...args: unknown[]) => {
          resolve(args);
        });
      });
      await t.rejects(connect({ port }), {
        code: 'ECONNREFUSED',
        rejectData: undefined,
      });
      const [reported, request] = await told;
      t.match(reported, error);
      if (event === 'conditionError') t.ok(request);
      server.condition = () => accept();
      (await connect({ port })).destroy();
    });
  }
}

t.test('a slow verdict delays no other caller', async (t) => {
  let hurry!: () => void;
  const slow = new Promise<void>((resolve) => (hurry = resolve));
  const { port } = await serve(t, {
    async condition({ callerData }) {
      if (String(callerData) === 'slow') await slow;
      return accept({ calleeData: callerData });
    },
  });
  const first = connect({ port, callerData: 'slow' });
  const second = await connect({ port, callerData: 'quick' });
  t.equal(String(second.calleeData), 'quick');
  hurry();
  t.equal(String((await first).calleeData), 'slow');
  (await first).destroy();
  second.destroy();
});

/** Waits for the only request's signal, and for its caller. */
function waiting(server: Server): Promise<AbortSignal> {
  return new Promise((resolve) => {
    server.condition = (request) => {
      resolve(request.signal);
      return new Promise(() => {});
    };
  });
}

t.test('a signal shows that a verdict no longer counts', async (t) => {
  await t.test('the caller has left', async (t) => {
    const { server, port } = await serve(t);
    const offered = waiting(server);
    const { connect: connectNow } = await import('../../src/index.js');
    const caller = connectNow({ port });
    const signal = await offered;
    caller.destroy();
    await once(signal, 'abort');
    t.match(signal.reason, { code: 'ECONNRESET' });
    t.equal(server.statistics?.withdrawn, 1);
  });

  await t.test('an adopted caller has left', async (t) => {
    const server = createServer();
    t.teardown(() => server.close());
    const offered = waiting(server);
    const [here, there] = duplexPair();
    server.adopt(there);
    const caller = connect({ stream: here });
    caller.catch(() => {});
    const signal = await offered;
    here.destroy();
    there.destroy();
    await once(signal, 'abort');
    t.match(signal.reason, { code: 'ECONNRESET' });
  });

  await t.test('the verdict is too late', async (t) => {
    const { server, port } = await serve(t, { deferTimeout: 20 });
    const offered = waiting(server);
    const caller = connect({ port });
    caller.catch(() => {});
    const signal = await offered;
    await once(signal, 'abort');
    await t.rejects(caller, { code: 'ETIMEDOUT' });
  });

  await t.test('the server closes', async (t) => {
    const { server, port } = await serve(t);
    const offered = waiting(server);
    const caller = connect({ port });
    caller.catch(() => {});
    const signal = await offered;
    server.close();
    t.equal(signal.aborted, true);
    t.match(signal.reason, { code: 'ECONNABORTED' });
    await t.rejects(caller, { code: 'ECONNREFUSED' });
  });

  await t.test('too many wait', async (t) => {
    const { server, port } = await serve(t, { maxDeferred: 1 });
    const failed = once(server, 'handshakeError');
    const first = waiting(server);
    const caller = connect({ port });
    caller.catch(() => {});
    await first;
    const second = waiting(server);
    await t.rejects(connect({ port }), { code: 'ECONNREFUSED' });
    t.equal((await second).aborted, true);
    t.match(await failed, [{ code: 'ENOBUFS' }]);
  });
});

t.test('conditions run where the server began to listen', async (t) => {
  const storage = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const server = createServer({
    async condition() {
      seen.push(storage.getStore());
      await nextTurn();
      seen.push(storage.getStore());
      return accept();
    },
  });
  await storage.run('the server', async () => {
    server.listen(0);
    await once(server, 'listening');
  });
  const socket = await storage.run('the caller', () =>
    connect({ port: portOf(server) }),
  );
  t.strictSame(seen, ['the server', 'the server']);
  socket.destroy();
  server.close();
});

t.test('callers beyond maxConnections are dropped', async (t) => {
  const { server, port } = await serve(t);
  server.maxConnections = 2;
  const first = await connect({ port, host: '127.0.0.1' });
  const second = await connect({ port, host: '127.0.0.1' });
  const dropped = once(server, 'drop');
  await t.rejects(connect({ port }), { code: 'ECONNREFUSED' });
  t.match(await dropped, [
    { localPort: port, remoteAddress: '127.0.0.1', remoteFamily: 'IPv4' },
  ]);
  await first.disconnect();
  while ((await connectionsOf(server)) === 2) await nextTurn();
  const third = await connect({ port, host: '127.0.0.1' });
  t.equal(await connectionsOf(server), 2, 'a place that is free again');
  second.destroy();
  third.destroy();
});

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((_error, count) => {
      resolve(count);
    });
  });
}

t.test('plain peers', async (t) => {
  await t.test('get the error, and the server emits it', async (t) => {
    const { server, port } = await serve(t);
    const failed = once(server, 'handshakeError');
    const plain = netConnect(port, '127.0.0.1');
    plain.on('error', () => {}).end('GET / HTTP/1.1\r\n\r\n');
    t.match(await failed, [{ winsock: {} }, { address: '127.0.0.1' }]);
    t.equal(server.statistics?.violations, 1);
  });

  await t.test('are taken with allowPlain', async (t) => {
    let framed: boolean | undefined;
    const { server, port } = await serve(t, {
      allowPlain: true,
      condition(request) {
        framed = request.framed;
        return accept();
      },
    });
    const accepted = once(server, 'connection');
    const plain = netConnect(port, '127.0.0.1');
    plain.write('plain');
    const [socket] = (await accepted) as [Socket];
    t.equal(framed, false);
    t.equal(socket.framed, false);
    t.match(await once(socket, 'data'), [Buffer.from('plain')]);
    await t.rejects(socket.disconnect('word'), { code: 'ENOPROTOOPT' });
    socket.end('answer');
    t.match(await once(plain, 'data'), [Buffer.from('answer')]);
    plain.end();
    await once(plain, 'close');
  });
});

t.test('a refusal differs from a port without a listener', async (t) => {
  const { server, port } = await serve(t, { condition: () => reject() });
  const refused = (error: { code: string; rejected?: true }) => {
    t.equal(error.code, 'ECONNREFUSED');
    return 'rejected' in error;
  };
  t.equal(await connect({ port }).catch(refused), true);
  await once(server.close(), 'close');
  t.equal(await connect({ port }).catch(refused), false);
});
