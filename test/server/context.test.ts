// The asynchronous context of an accepted socket's events.

import { AsyncLocalStorage } from 'node:async_hooks';
import { once, type EventEmitter } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import t from 'tap';
import { accept, connect, createServer } from '../../src/index.js';
import type { ServerOptions } from '../../src/server/options.js';
import { duplexPair } from '../support/duplex-pair.js';
import { clientTls, freePipePath, serverTls } from '../support/places.js';
import { line } from '../support/proxy-header.js';

const storage = new AsyncLocalStorage<string>();

interface Listening extends EventEmitter {
  listen(target: object): unknown;
  address(): net.AddressInfo | string | null;
  close(): unknown;
}

/** What they have in common with those of `net`. */
interface Caller extends EventEmitter {
  end(octets: string): unknown;
  resume(): unknown;
}

type Target = net.TcpNetConnectOpts;

/** @returns the contexts of an accepted socket's events, by their names. */
async function contextsOf(
  make: () => Listening,
  target: object,
  call: (target: Target) => Caller,
  connection = 'connection',
): Promise<Record<string, string | undefined>> {
  const seen: Record<string, string | undefined> = {};
  const note = (event: string) => {
    seen[event] = storage.getStore();
  };
  const server = make();
  const ended = new Promise<void>((resolve) => {
    server.once(connection, (socket: net.Socket) => {
      note('connection');
      for (const event of ['data', 'disconnect', 'end', 'close']) {
        socket.on(event, () => {
          note(event);
        });
      }
      socket.once('close', resolve);
      server.close();
    });
  });
  await storage.run('listen', async () => {
    server.listen(target);
    await once(server, 'listening');
  });
  const address = server.address();
  const caller = storage.run('connect', () =>
    call(
      (typeof address === 'string'
        ? { path: address }
        : { port: address!.port, host: '127.0.0.1' }) as Target,
    ),
  );
  caller.resume();
  caller.end('hello');
  await Promise.all([ended, once(server, 'close')]);
  return seen;
}

const tcp = { port: 0, host: '127.0.0.1' };
const callNet = (target: Target) => net.connect(target);

/** The caller comes through a proxy. */
function throughProxy(target: Target, more?: object): Caller {
  const stream = net.connect(target);
  stream.write(line('TCP4 192.0.2.7 192.0.2.1 40000 443'));
  return connect({ stream, ...more });
}

interface Case {
  name: string;
  options?: ServerOptions;
  target?: () => object;
  call?: (target: Target) => Caller;
  /** `node:net` or `node:tls` in the same case. */
  like?: () => ReturnType<typeof contextsOf>;
}

const toPipe = () => ({ path: freePipePath() });
const likeNet = (target: object) =>
  contextsOf(() => net.createServer(), target, callNet);

const cases: Case[] = [
  { name: 'TCP', like: () => likeNet(tcp) },
  { name: 'a pipe', target: toPipe, like: () => likeNet(toPipe()) },
  {
    name: 'TLS',
    options: { tls: serverTls },
    call: (target) => connect({ ...target, tls: clientTls }),
    like: () =>
      contextsOf(
        () => tls.createServer(serverTls),
        tcp,
        (target) => tls.connect({ ...target, ...clientTls }),
        'secureConnection',
      ),
  },
  {
    name: 'a proxy',
    options: { proxyProtocol: true },
    call: throughProxy,
  },
  {
    name: 'TLS behind a proxy',
    options: { proxyProtocol: true, tls: serverTls },
    call: (target) => throughProxy(target, { tls: clientTls }),
  },
  {
    name: 'a plain caller',
    options: { allowPlain: true },
    call: callNet,
  },
  {
    name: 'a verdict that comes later',
    options: { condition: async () => accept() },
  },
];

for (const { name, options, target, call = connect, like } of cases) {
  t.test(
    `listeners run where the server began to listen: ${name}`,
    async (t) => {
      const seen = await contextsOf(
        () => createServer(options),
        target?.() ?? tcp,
        call,
      );
      // Data need not have more than in `net`.
      const { data: _, ...others } = seen;
      t.strictSame(others, {
        connection: 'listen',
        disconnect: 'listen',
        end: 'listen',
        close: 'listen',
      });
      const ofNode = Object.entries((await like?.()) ?? {});
      for (const [event, context] of ofNode) {
        if (context !== undefined) t.equal(seen[event], context, event);
      }
    },
  );
}

t.test('an answer is made there, too', async (t) => {
  const server = createServer({ answer: () => storage.getStore() });
  storage.run('listen', () => server.listen(tcp));
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const caller = connect({ ...tcp, port });
  await once(caller, 'connect');
  server.close();
  t.equal(String(await caller.disconnect()), 'listen');
});

t.test('an adopted stream has the context of its adoption', async (t) => {
  const server = createServer();
  const [near, far] = duplexPair();
  const connection = new Promise<unknown[]>((resolve) => {
    server.on('connection', (socket) => {
      const atFirst = storage.getStore();
      socket.on('disconnect', () => {
        resolve([atFirst, storage.getStore()]);
      });
    });
  });
  storage.run('adopt', () => server.adopt(near));
  const caller = storage.run('connect', () => connect({ stream: far }));
  await Promise.all([caller.disconnect(), once(caller, 'close')]);
  t.strictSame(await connection, ['adopt', 'adopt']);
  server.close();
});

t.test('a context that one connection enters is its own', async (t) => {
  const seen: unknown[] = [];
  const server = createServer((socket) => {
    socket.on('data', (data) => {
      seen.push(storage.getStore());
      storage.enterWith(String(data));
    });
  });
  server.listen(tcp);
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  for (const name of ['first', 'second']) {
    const caller = connect({ ...tcp, port });
    caller.resume().end(name);
    await once(caller, 'close');
  }
  server.close();
  t.strictSame(seen, [undefined, undefined]);
});
