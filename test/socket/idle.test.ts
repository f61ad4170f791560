import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect as netConnect } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import t, { type Test } from 'tap';
import {
  createServer,
  Socket,
  type Server,
  type ServerOptions,
  type WinsockError,
} from '../../src/index.js';
import { connect } from '../../src/promises.js';
import { Slabs } from '../../src/provider/framed/engine/slabs.js';
import { duplexPair } from '../support/duplex-pair.js';
import { freePipePath, serverTls } from '../support/media.js';
import { needsUnix } from '../support/platform.js';
import { connected, serve } from '../support/serve.js';
import { call } from '../support/wire.js';

// `idleTimeout`: a dead peer is given up, on each medium, and a live one is not.

const LIMIT = 1000;
const silent = call({ idleLimit: 0 });

/** The next connection that a server accepts. */
async function next(server: Server): Promise<Socket> {
  const [socket] = (await once(server, 'connection')) as [Socket];
  return socket;
}

/** A peer that says hello, and then nothing. */
async function silentPeer(t: Test, port: number): Promise<void> {
  const peer = netConnect(port, '127.0.0.1');
  peer.on('error', () => {});
  t.teardown(() => peer.destroy());
  peer.write(silent);
  peer.resume();
  await new Promise((resolve) => {
    peer.once('close', resolve);
  });
}

t.test('invalid options', (t) => {
  for (const [idleTimeout, code] of [
    [-1, 'ERR_OUT_OF_RANGE'],
    [1, 'ERR_OUT_OF_RANGE'],
    [999, 'ERR_OUT_OF_RANGE'],
    [1000.5, 'ERR_OUT_OF_RANGE'],
    [2 ** 31, 'ERR_OUT_OF_RANGE'],
    [Number.NaN, 'ERR_OUT_OF_RANGE'],
    ['1000', 'ERR_INVALID_ARG_TYPE'],
    [1000n, 'ERR_INVALID_ARG_TYPE'],
    [true, 'ERR_INVALID_ARG_TYPE'],
  ] as const) {
    const options = { idleTimeout } as unknown as ServerOptions;
    const expected = { code, message: /options\.idleTimeout/ };
    t.throws(() => createServer(options), expected, String(idleTimeout));
    t.throws(
      () => new Socket().connect({ port: 1, ...(options as object) }),
      expected,
    );
  }
  for (const idleTimeout of [0, 1000, 2 ** 31 - 1, undefined, null, false]) {
    t.ok(createServer({ idleTimeout } as ServerOptions));
  }
  t.throws(() => createServer({ idleTimeout: 5 }), {
    message: /0 for no limit, or >= 1000/,
  });
  t.end();
});

t.test('a peer that says nothing any more', { jobs: 8 }, async (t) => {
  const media: Record<
    string,
    (t: Test, server: Server) => Promise<Duplex> | Duplex
  > = {
    async tcp(_t, server) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      return netConnect(port, '127.0.0.1');
    },
    async path(_t, server) {
      const path = freePipePath();
      server.listen(path);
      await once(server, 'listening');
      return netConnect(path);
    },
    async tls(_t, server) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      return tlsConnect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    },
    duplex(_t, server) {
      const [ours, theirs] = duplexPair();
      server.adopt(ours);
      return theirs;
    },
  };
  for (const [name, dial] of Object.entries(media)) {
    for (const socketType of ['stream', 'message'] as const) {
      t.test(`${name}, ${socketType}`, { buffered: true }, async (t) => {
        const tls = name === 'tls' ? serverTls : undefined;
        const server = createServer({ idleTimeout: LIMIT, socketType, tls });
        t.teardown(() => server.close());
        const peer = await dial(t, server);
        t.teardown(() => peer.destroy());
        peer.on('error', () => {});
        peer.resume();
        const coming = next(server);
        peer.write(
          call({ idleLimit: 0, socketType: socketType === 'stream' ? 1 : 5 }),
        );
        const socket = await coming;
        const [error] = (await once(socket, 'error')) as [WinsockError];
        t.match(error, {
          code: 'ETIMEDOUT',
          winsock: { name: 'WSAETIMEDOUT', code: 10060 },
          message: `read ETIMEDOUT: the peer sent nothing for ${LIMIT} ms`,
        });
        t.equal(error.violation, undefined);
        t.match(server.metrics(), { failed: 1, timedOut: 1, cut: 0 });
      });
    }
  }
});

t.test('it is reported to waiting code, and to operators', async (t) => {
  const { server, port } = await serve(t, { idleTimeout: LIMIT });
  const told: unknown[] = [];
  const onreset = (message: unknown) => told.push(message);
  subscribe('goodbyte:reset', onreset);
  t.teardown(() => unsubscribe('goodbyte:reset', onreset));
  const coming = next(server);
  const gone = silentPeer(t, port);
  const socket = await coming;
  await t.rejects(socket.disconnect('bye'), { code: 'ETIMEDOUT' });
  t.match(told, [
    { socket, direction: 'received', error: { code: 'ETIMEDOUT' } },
  ]);
  await gone;
});

t.test('a drain counts it', async (t) => {
  const { server, port } = await serve(t, { idleTimeout: LIMIT });
  const coming = next(server);
  const gone = silentPeer(t, port);
  await coming;
  t.match(await server.drain({ data: 'bye' }), {
    connections: 1,
    failed: 1,
    timedOut: 1,
    cut: 0,
  });
  await gone;
});

const skip = needsUnix('signals that stop a process');

t.test('a process that is stopped', { skip }, async (t) => {
  const { server, port } = await serve(t, { idleTimeout: LIMIT });
  const index = new URL('../../src/index.js', import.meta.url).href;
  const program = `import(${JSON.stringify(index)}).then(({ connect }) => {
    connect(${port}, '127.0.0.1').resume();
  });`;
  const coming = next(server);
  const child = spawn(process.execPath, ['-e', program], { stdio: 'inherit' });
  t.teardown(() => child.kill('SIGKILL'));
  const socket = await coming;
  child.kill('SIGSTOP');
  t.match(await once(socket, 'error'), [{ code: 'ETIMEDOUT' }]);
});

t.test('a peer that lives is not given up', async (t) => {
  // A limit on one side only, and on both.
  for (const [ofServer, ofClient] of [
    [LIMIT, undefined],
    [undefined, LIMIT],
    [LIMIT, LIMIT],
  ]) {
    const { server, port } = await serve(t, { idleTimeout: ofServer });
    const options = { port, idleTimeout: ofClient };
    const pair = async () => {
      const coming = next(server);
      const caller = await connect(options);
      const callee = await coming;
      t.teardown(() => caller.destroy());
      callee.on('error', (error) => t.fail('callee', { error }));
      caller.on('error', (error) => t.fail('caller', { error }));
      return { caller, callee };
    };

    const idle = await pair();
    const slow = await pair();
    const unread = await pair();
    const thinking = await pair();
    const other = await pair();

    // Both sides have more to send than their peer takes.
    const much = Buffer.alloc(16 << 20, 'x');
    slow.caller.write(much);
    slow.callee.write(much);
    unread.callee.write(much);

    // A side that awaits its peer's last word, in both directions.
    let answers = 0;
    const release: (() => void)[] = [];
    const wait = () =>
      new Promise<string>((resolve) => {
        release.push(() => {
          answers++;
          resolve('done');
        });
      });
    thinking.callee.answer = wait;
    other.caller.answer = wait;
    thinking.callee.resume();
    other.caller.resume();
    const words = [
      thinking.caller.disconnect('well?'),
      other.callee.disconnect('well?'),
    ];
    while (release.length < 2) await new Promise(setImmediate);

    // Waits until two peers elsewhere, one after the other, have been given up.
    const elsewhere = await serve(t, { idleTimeout: LIMIT });
    elsewhere.server.on('connection', (socket) => socket.on('error', () => {}));
    await silentPeer(t, elsewhere.port);
    await silentPeer(t, elsewhere.port);

    for (const go of release) go();
    t.same((await Promise.all(words)).map(String), ['done', 'done']);
    t.equal(answers, 2);
    idle.callee.answer = () => 'still here';
    idle.callee.resume();
    t.equal(String(await idle.caller.disconnect()), 'still here');
    let octets = 0;
    for (const end of [slow.caller, slow.callee, unread.caller]) {
      end.on('data', (piece: Buffer) => {
        octets += piece.length;
      });
    }
    unread.caller.answer = () => 'read';
    const [read] = await Promise.all([
      unread.callee.disconnect(),
      slow.caller.disconnect(),
    ]);
    t.equal(String(read), 'read');
    t.equal(octets, 3 * much.length);
  }
});

t.test('it costs nothing where it is off at both ends', async (t) => {
  const real = globalThis.setTimeout;
  const timers: unknown[] = [];
  t.teardown(() => {
    globalThis.setTimeout = real;
  });
  const { caller, callee } = await connected(t);
  globalThis.setTimeout = ((
    ...args: [callback: () => void, delay?: number, about?: unknown]
  ) => {
    // One for all connections, at most: the engine's memory.
    if (!(args[2] instanceof Slabs)) timers.push(args);
    return real(...(args as Parameters<typeof setTimeout>));
  }) as typeof setTimeout;
  callee.resume();
  await new Promise<void>((resolve) => {
    caller.write('x', () => {
      resolve();
    });
  });
  callee.pause();
  const written = new Promise<void>((resolve) => {
    caller.write(Buffer.alloc(1 << 20), () => {
      resolve();
    });
  });
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  callee.resume();
  await written;
  t.same(timers, []);
});
