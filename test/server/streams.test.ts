import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect as netConnect, createServer as netServer } from 'node:net';
import { PassThrough, type Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import {
  Socket,
  accept,
  connect as connectNow,
  createServer,
} from '../../src/index.js';
import { connect } from '../../src/promises.js';
import { duplexPair } from '../support/duplex-pair.js';
import { clientTls, freePipePath, serverTls } from '../support/media.js';
import { portOf, serve } from '../support/serve.js';

// Connections over a given stream: connect({ stream }), adopt().

interface ForeignOptions {
  read(this: Duplex, done?: unknown): void;
  write(
    this: Duplex,
    chunk: Uint8Array,
    second: unknown,
    third?: () => void,
  ): void;
  final(this: Duplex, done: () => void): void;
}
type Foreign = new (options: ForeignOptions) => Duplex;
const require = createRequire(import.meta.url);
const readableStream = require('readable-stream') as { Duplex: Foreign };
const streamx = require('streamx') as { Duplex: Foreign };

/** Two Duplexes of another library, each of which reads what the other writes. */
function foreignPair(Foreign: Foreign): [Duplex, Duplex] {
  const options = (peer: () => Duplex): ForeignOptions => ({
    read(done) {
      // streamx's callback; in other streams, the number of octets to read.
      if (typeof done === 'function') done();
    },
    write(chunk, second, third) {
      peer().push(Buffer.from(chunk));
      // streamx's has no encoding.
      (third ?? (second as () => void))();
    },
    final(done) {
      peer().push(null);
      done();
    },
  });
  const there: Duplex = new Foreign(options(() => here));
  const here: Duplex = new Foreign(options(() => there));
  return [here, there];
}

/** Both ends of a connection made by node:net. */
async function netPair(
  t: Test,
  options: { pauseOnConnect?: boolean; allowHalfOpen?: boolean },
  target: { path?: string; port?: number },
): Promise<[Duplex, Duplex]> {
  const server = netServer(options);
  t.teardown(() => server.close());
  server.listen(target.path ?? 0);
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const address = server.address();
  const here =
    typeof address === 'string'
      ? netConnect(address)
      : netConnect(address!.port, '127.0.0.1');
  const [there] = (await accepted) as [Duplex];
  return [here, there];
}

const givens: {
  name: string;
  pair: (t: Test) => [Duplex, Duplex] | Promise<[Duplex, Duplex]>;
}[] = [
  { name: 'net.Sockets as net makes them', pair: (t) => netPair(t, {}, {}) },
  {
    name: 'net.Sockets with allowHalfOpen',
    pair: (t) => netPair(t, { allowHalfOpen: true }, {}),
  },
  {
    name: 'net.Sockets, one paused',
    pair: (t) => netPair(t, { pauseOnConnect: true }, {}),
  },
  {
    name: 'net.Sockets at a path',
    pair: (t) => netPair(t, {}, { path: freePipePath() }),
  },
  { name: 'Duplexes', pair: () => duplexPair() },
  {
    name: 'Duplexes without allowHalfOpen, paused',
    pair: () => {
      const pair = duplexPair();
      for (const end of pair) {
        end.allowHalfOpen = false;
        end.pause();
      }
      return pair;
    },
  },
  {
    name: 'Duplexes of readable-stream',
    pair: () => foreignPair(readableStream.Duplex),
  },
  { name: 'Duplexes of streamx', pair: () => foreignPair(streamx.Duplex) },
];

const MUCH = 300_000;

for (const withTls of [false, true]) {
  for (const { name, pair } of givens) {
    t.test(`${name}${withTls ? ', with TLS inside' : ''}`, async (t) => {
      const [here, there] = await pair(t);
      let received = 0;
      const server = createServer(
        {
          tls: withTls ? serverTls : undefined,
          condition: ({ callerData }) => accept({ calleeData: callerData }),
          answer: async (word) => {
            // Its caller has ended by now, as far as the medium can show.
            for (let turn = 0; turn < 20; turn++) await nextTurn();
            return `re: ${String(word)}, ${received}`;
          },
        },
        (socket) => {
          socket.on('data', (chunk: Buffer) => (received += chunk.length));
          socket.write(Buffer.alloc(MUCH));
        },
      );
      server.on('handshakeError', (error: Error) => t.fail(error.message));
      server.adopt(there);
      const socket = await connect({
        stream: here,
        tls: withTls ? clientTls : undefined,
        callerData: 'over a given stream',
      });
      t.equal(String(socket.calleeData), 'over a given stream');
      let came = 0;
      socket.on('data', (chunk: Buffer) => (came += chunk.length));
      socket.write(Buffer.alloc(MUCH));
      t.equal(String(await socket.disconnect('bye')), `re: bye, ${MUCH}`);
      t.equal(came, MUCH);
      const closed = once(server, 'close');
      server.close();
      await closed;
    });
  }
}

const unfit: { name: string; make: () => unknown; code: string }[] = [
  { name: 'no stream', make: () => ({}), code: 'ERR_INVALID_ARG_TYPE' },
  {
    name: 'one in object mode',
    make: () => new PassThrough({ objectMode: true }),
    code: 'ERR_INVALID_ARG_VALUE',
  },
  {
    name: 'one that reads objects',
    make: () => new PassThrough({ readableObjectMode: true }),
    code: 'ERR_INVALID_ARG_VALUE',
  },
  {
    name: 'one that writes objects',
    make: () => new PassThrough({ writableObjectMode: true }),
    code: 'ERR_INVALID_ARG_VALUE',
  },
  {
    name: 'one with an encoding',
    make: () => new PassThrough().setEncoding('utf8'),
    code: 'ERR_INVALID_ARG_VALUE',
  },
  {
    name: 'one that somebody reads',
    make: () => new PassThrough().on('readable', () => {}),
    code: 'ERR_INVALID_ARG_VALUE',
  },
];
for (const { name, make, code } of unfit) {
  t.test(`a stream is refused: ${name}`, (t) => {
    const error = { name: 'TypeError', code };
    const stream = make() as Duplex;
    t.throws(() => connectNow({ stream }), error);
    t.throws(() => createServer().adopt(stream), error);
    t.end();
  });
}

const over: { name: string; make: () => Promise<Duplex> | Duplex }[] = [
  { name: 'was destroyed', make: () => duplexPair()[0].destroy() },
  {
    name: 'was ended here',
    make: () => {
      const [here] = duplexPair();
      return here.end();
    },
  },
  {
    name: 'has ended there',
    make: async () => {
      const [here, there] = duplexPair();
      there.end();
      await once(here.resume(), 'end');
      return here;
    },
  },
];
for (const { name, Foreign } of [
  { name: 'readable-stream', Foreign: readableStream.Duplex },
  { name: 'streamx', Foreign: streamx.Duplex },
]) {
  over.push(
    {
      name: `was destroyed (${name})`,
      make: () => {
        const [here] = foreignPair(Foreign);
        here.on('error', () => {}).destroy();
        return here;
      },
    },
    {
      name: `was ended here (${name})`,
      make: () => {
        const [here] = foreignPair(Foreign);
        here.end();
        return here;
      },
    },
    {
      name: `has ended there (${name})`,
      make: async () => {
        const [here, there] = foreignPair(Foreign);
        const ended = once(here, 'end');
        here.resume();
        there.end();
        await ended;
        return here;
      },
    },
  );
}
for (const { name, make } of over) {
  for (const tls of [undefined, {}]) {
    const how = tls ? ', with tls' : '';
    t.test(`a stream that ${name} is refused at once${how}`, async (t) => {
      await t.rejects(connect({ stream: await make(), tls }), {
        code: 'ENOTCONN',
        syscall: 'connect',
      });
      const server = createServer({ tls, maxPending: 1 });
      t.teardown(() => server.close());
      const failed = once(server, 'handshakeError');
      server.adopt(await make());
      t.equal(server.statistics?.pending, 0, 'it holds no place');
      t.match(await failed, [{ code: 'ECONNRESET' }, {}]);
    });
  }
}

const pairs: { name: string; pair: () => [Duplex, Duplex] }[] = [
  { name: 'Node', pair: () => duplexPair() },
  { name: 'readable-stream', pair: () => foreignPair(readableStream.Duplex) },
  { name: 'streamx', pair: () => foreignPair(streamx.Duplex) },
];
for (const { name, pair } of pairs) {
  t.test(`a corked stream of ${name} is taken`, async (t) => {
    const [here, there] = pair();
    for (const stream of [here, here, there]) stream.cork();
    const server = createServer({ answer: () => 'answered' });
    t.teardown(() => server.close());
    server.adopt(there);
    const socket = await connect({ stream: here });
    t.equal(String(await socket.disconnect('bye')), 'answered');
  });

  t.test(`a stream of ${name} carries one connection`, async (t) => {
    const [here, there] = pair();
    const server = createServer({ answer: () => 'answered' });
    t.teardown(() => server.close());
    const failed = once(server, 'handshakeError');
    server.adopt(there).adopt(there);
    const socket = connectNow({ stream: here });
    await t.rejects(connect({ stream: here }), {
      code: 'EISCONN',
      syscall: 'connect',
    });
    t.match(await failed, [{ code: 'EISCONN' }, {}]);
    t.equal(String(await socket.disconnect('bye')), 'answered');
  });
}

t.test('an end that overtakes written data is an error', async (t) => {
  const [here, there] = duplexPair();
  const server = createServer({ allowHalfOpen: true });
  t.teardown(() => server.close());
  const accepted = once(server, 'connection');
  server.adopt(there);
  const caller = await connect({ stream: here });
  caller.on('error', () => {});
  const [callee] = (await accepted) as [Socket];
  const failed = once(callee, 'error');
  // More than passes while nothing is read.
  caller.pause();
  const written = new Promise<Error | null | undefined>((resolve) => {
    callee.write(Buffer.alloc(1 << 20), resolve);
  });
  there.destroy();
  t.match(await failed, [{ code: /^(ECONNRESET|ECANCELED)$/ }]);
  t.ok(await written, 'the write was not done');
});

/** The first octet that a caller sends to a plain server. */
async function firstOctet(
  t: Test,
  call: (port: number) => Socket,
): Promise<number | undefined> {
  const server = netServer();
  t.teardown(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const caller = call((server.address() as { port: number }).port);
  caller.on('error', () => {});
  const [raw] = (await accepted) as [Duplex];
  raw.on('error', () => {});
  const [chunk] = (await once(raw, 'data')) as [Buffer];
  caller.destroy();
  raw.destroy();
  return chunk[0];
}

const TLS_HANDSHAKE = 0x16;
const FRAMING = 0xf6;
const host = '127.0.0.1';
const tls = clientTls;

const callers: {
  name: string;
  call: (port: number) => Socket;
  first: number;
}[] = [
  {
    name: 'connect({ tls })',
    call: (port) => connectNow({ port, host, tls }),
    first: TLS_HANDSHAKE,
  },
  {
    name: 'new Socket({ tls })',
    call: (port) => new Socket({ tls }).connect(port, host),
    first: TLS_HANDSHAKE,
  },
  {
    name: 'new Socket({ tls }) and connect({ tls: undefined })',
    call: (port) => new Socket({ tls }).connect({ port, host, tls: undefined }),
    first: TLS_HANDSHAKE,
  },
  {
    name: 'connect({ stream, tls })',
    call: (port) => connectNow({ stream: netConnect(port, host), tls }),
    first: TLS_HANDSHAKE,
  },
  {
    name: 'new Socket({ tls }).connect({ stream })',
    call: (port) =>
      new Socket({ tls }).connect({ stream: netConnect(port, host) }),
    first: TLS_HANDSHAKE,
  },
  {
    name: 'connect({ tls: false })',
    call: (port) => connectNow({ port, host, tls: false }),
    first: FRAMING,
  },
  {
    name: 'connect({ tls: null, stream: null })',
    call: (port) =>
      connectNow({ port, host, tls: null, stream: null } as never),
    first: FRAMING,
  },
];
for (const { name, call, first } of callers) {
  t.test(`${name} says ${first === FRAMING ? 'framing' : 'TLS'}`, async (t) => {
    t.equal(await firstOctet(t, call), first);
  });
}

t.test('invalid or misplaced tls is refused', (t) => {
  const wrong = { name: 'TypeError', message: /options\.tls/ };
  for (const tls of [true, 'yes', 1, 0, ''] as unknown[] as object[]) {
    t.throws(() => connectNow({ port: 1, tls }), wrong);
    t.throws(() => connectNow({ path: '/x', tls }), wrong);
    t.throws(() => connectNow({ stream: duplexPair()[0], tls }), wrong);
    t.throws(() => createServer({ tls }), wrong);
  }
  const listening = { port: 0, tls: serverTls };
  t.throws(() => createServer().listen(listening), wrong);
  t.end();
});

t.test('a server with tls accepts no caller in clear', async (t) => {
  const { server, port } = await serve(t, { tls: serverTls });
  server.on('connection', () => t.fail('in clear'));
  const front = netServer((stream) => server.adopt(stream));
  t.teardown(() => front.close());
  front.listen(0, host);
  await once(front, 'listening');
  for (const at of [port, portOf(front as never)]) {
    const failed = once(server, 'handshakeError');
    await t.rejects(connect({ port: at, host }));
    await failed;
  }
});
