import { AsyncLocalStorage } from 'node:async_hooks';
import { once, type EventEmitter } from 'node:events';
import t, { type Test } from 'tap';
import {
  accept,
  connect as connectNow,
  createServer,
  type reject,
  type Server,
  type Socket,
} from '../../src/index.js';
import { connect, listen } from '../../src/promises.js';
import { flowspec } from '../../src/vocabulary/qos.js';
import { freePipePath } from '../support/media.js';
import { portOf, serve } from '../support/serve.js';

const host = '127.0.0.1';

// Callers in JavaScript pass loose types: values that `net` takes are accepted.
const odd: {
  name: string;
  server?: object;
  listening?: object;
  isForCallers?: boolean;
}[] = [
  {
    name: 'truthy values for on',
    server: {
      allowHalfOpen: 1,
      pauseOnConnect: '',
      noDelay: 1,
      keepAlive: 'yes',
    },
    listening: { exclusive: 1, ipv6Only: 1, reusePort: 1 },
  },
  {
    name: 'falsy values for off',
    server: { allowHalfOpen: 0, pauseOnConnect: 0, noDelay: 0, keepAlive: '' },
    listening: { exclusive: 0, ipv6Only: 0, reusePort: null },
  },
  {
    name: 'null and false for absent options',
    server: {
      tls: false,
      condition: null,
      answer: false,
      linger: null,
      provider: null,
      socketType: null,
      userDataLimit: null,
      connectTimeout: false,
      handshakeTimeout: null,
      deferTimeout: false,
      lingerTimeout: null,
      maxPending: null,
      maxDeferred: null,
      allowPlain: null,
      blockList: null,
    },
    listening: { tls: null, backlog: null },
    isForCallers: true,
  },
  ...[NaN, Infinity, -1, 1.5, 2 ** 40].map((number) => ({
    name: `numbers that are ${number}`,
    server: {
      keepAlive: true,
      keepAliveInitialDelay: number,
      highWaterMark: number,
    },
    listening: { backlog: number },
  })),
  { name: 'a backlog in words', listening: { backlog: 'many' } },
  {
    name: 'IPv6 only, at an address of IPv4',
    listening: { host, ipv6Only: true },
  },
];

function serverWith(t: Test, options?: object): Server {
  const server = createServer(options);
  const accepted: Socket[] = [];
  server.on('connection', (socket) => accepted.push(socket));
  t.teardown(() => {
    for (const socket of accepted) socket.resetAndDestroy();
    server.close();
  });
  return server;
}

for (const { name, server: options, listening, isForCallers } of odd) {
  t.test(`a server takes ${name}`, async (t) => {
    const server = serverWith(t, options);
    await listen(server, { port: 0, host, ...listening });
    const accepted = once(server, 'connection');
    const given = isForCallers ? options : {};
    const caller = await connect({ ...given, port: portOf(server), host });
    await accepted;
    caller.destroy();
  });

  t.test(`a server at a path takes ${name}`, async (t) => {
    const server = serverWith(t, options);
    const path = freePipePath();
    const access = { readableAll: 1, writableAll: 'yes' };
    await listen(server, { path, ...listening, ...access } as never);
    const caller = await connect(path);
    caller.destroy();
  });
}

t.test('options set later apply as well', async (t) => {
  const { server, port } = await serve(t);
  Object.assign(server, {
    noDelay: 1,
    keepAlive: 'yes',
    keepAliveInitialDelay: '5000',
    highWaterMark: NaN,
    allowHalfOpen: 0,
    pauseOnConnect: 0,
  });
  (await connect({ port, host })).destroy();

  Object.assign(server, { answer: 'no function' });
  const failed = once(server, 'error');
  const caller = connectNow({ port, host });
  // Its acceptance may or may not have arrived by then.
  caller.on('error', () => {});
  const closed = new Promise((resolve) => caller.on('close', resolve));
  t.match(await failed, [{ code: 'ERR_INVALID_ARG_TYPE' }]);
  await closed;
});

t.test('a quality of service is checked', (t) => {
  const wrong: unknown[] = [
    5,
    {},
    { sending: flowspec() },
    { sending: flowspec(), receiving: flowspec({ latency: -1 }) },
    { sending: flowspec(), receiving: { ...flowspec(), tokenRate: '5' } },
    { sending: flowspec(), receiving: flowspec(), providerSpecific: 'x' },
  ];
  const error = { name: 'TypeError', message: /options\.sqos/ };
  for (const sqos of wrong as never[]) {
    t.throws(() => accept({ sqos }), error);
    t.throws(() => connectNow({ port: 1, sqos }), error);
  }
  t.end();
});

t.test('a block list is checked', (t) => {
  const error = { name: 'TypeError', message: /options\.blockList/ };
  for (const blockList of ['x', 1, {}] as never[]) {
    t.throws(() => createServer({ blockList }), error);
    t.throws(() => connectNow({ port: 1, blockList }), error);
  }
  t.end();
});

const setWrong: [string, unknown][] = [
  ['blockList', 'everybody'],
  ['blockList', {}],
  ['maxConnections', Symbol('many')],
];
for (const [name, value] of setWrong) {
  for (const condition of [undefined, () => Promise.resolve(accept())]) {
    t.test(`a wrong ${name} is reported, and its caller refused`, async (t) => {
      const { server, port } = await serve(t, { condition });
      Object.assign(server, { [name]: value });
      const told = once(server, 'error');
      await t.rejects(connect({ port, host }), { code: 'ECONNREFUSED' });
      t.match(await told, [{ name: 'TypeError' }]);
    });
  }
}

t.test('a verdict of another copy of the package counts', async (t) => {
  const url = new URL('../../src/server/verdict.js', import.meta.url);
  const other = (await import(`${url.href}?another`)) as {
    accept: typeof accept;
    reject: typeof reject;
  };
  t.not(other.accept, accept);
  const { server, port } = await serve(t, {
    condition: () => other.accept({ calleeData: 'from there' }),
  });
  const caller = await connect({ port, host });
  t.equal(String(caller.calleeData), 'from there');
  caller.destroy();
  server.condition = () => other.reject('not from there');
  await t.rejects(connect({ port, host }), {
    code: 'ECONNREFUSED',
    rejectData: Buffer.from('not from there'),
  });
});

t.test('a context that a condition enters is its own', async (t) => {
  const storage = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const { port } = await serve(t, {
    async condition({ callerData }) {
      seen.push(storage.getStore());
      storage.enterWith(String(callerData));
      await Promise.resolve();
      seen.push(storage.getStore());
      return accept();
    },
  });
  for (const callerData of ['first', 'second']) {
    (await connect({ port, host, callerData })).destroy();
  }
  t.strictSame(seen, [undefined, 'first', undefined, 'second']);
});

t.test('a listener that throws leaves nothing to wait for', async (t) => {
  const { server, port } = await serve(t, {}, () => {
    throw new Error('from a listener');
  });
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const thrown = once(process as EventEmitter, 'uncaughtException');
  const caller = connectNow({ port, host });
  const failed = once(caller, 'error');
  t.match(await thrown, [{ message: 'from a listener' }]);
  for (const listener of listeners) process.on('uncaughtException', listener);
  t.match(await failed, [{ code: /^ECONN/ }]);
  const closed = once(server, 'close');
  server.close();
  await closed;
});
