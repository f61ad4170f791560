import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  connect as dial,
  createServer as createNetServer,
  type AddressInfo,
} from 'node:net';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import t, { type Test } from 'tap';
import {
  createServer,
  type ServerOptions,
  type Socket,
} from '../../src/index.js';
import { connect } from '../../src/promises.js';
import type { TcpConnectOptions } from '../../src/socket/options.js';
import { freePipePath, serverTls } from '../support/media.js';
import { acceptFrame, call, calleePreface, frame } from '../support/wire.js';
import { FrameType } from '../../src/provider/framed/wire.js';

// A peer that leaves without a last word is never reported as a goodbye.

/** A callee that accepts, and answers the next octets with FIN alone. */
async function cutting(t: Test, options: Partial<TcpConnectOptions> = {}) {
  const server = createNetServer((peer) => {
    peer.on('error', () => {});
    peer.once('data', () => {
      peer.write(Buffer.concat([calleePreface, acceptFrame()]));
      peer.once('data', () => {
        peer.end(frame(FrameType.DATA, 'half a thing'));
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const caller = await connect({ port, host: '127.0.0.1', ...options });
  t.teardown(() => void caller.destroy());
  return caller;
}

const cut = { code: 'ECONNRESET', violation: 'cut', message: /DISCONNECT/ };

/** Everything that a socket reports about its end. */
function watch(socket: Socket): { told: string[]; error: () => unknown } {
  const told: string[] = [];
  let found: unknown;
  socket.on('data', (data) => told.push(`data ${String(data)}`));
  for (const event of ['disconnect', 'end']) {
    socket.on(event, () => told.push(event));
  }
  socket.on('error', (error) => {
    told.push('error');
    found = error;
  });
  socket.on('close', () => told.push('close'));
  return { told, error: () => found };
}

t.test('FIN alone is an error, after the data', async (t) => {
  const caller = await cutting(t);
  const { told, error } = watch(caller);
  caller.write('go on');
  await new Promise((closed) => caller.once('close', closed));
  t.strictSame(told, ['data half a thing', 'error', 'close']);
  t.match(error(), cut);
  t.equal(caller.errored, error());
  t.notOk(caller.disconnected);
});

t.test('a disconnect() that waits is rejected', async (t) => {
  const caller = await cutting(t);
  await t.rejects(caller.disconnect('41'), cut);
});

t.test('a stream over it fails', async (t) => {
  const caller = await cutting(t);
  caller.resume().write('go on');
  await t.rejects(finished(caller), cut);
});

t.test('a bare FIN is graceful for those who allow it', async (t) => {
  const waiting = await cutting(t, { allowBareFin: true });
  t.equal(await waiting.disconnect('41'), undefined);

  const caller = await cutting(t, { allowBareFin: true });
  const { told } = watch(caller);
  caller.write('go on');
  await new Promise((closed) => caller.once('close', closed));
  t.strictSame(told, ['data half a thing', 'disconnect', 'end', 'close']);
});

t.throws(() => createServer({ allowBareFin: 1 as never }), {
  code: 'ERR_INVALID_ARG_TYPE',
  message: /options\.allowBareFin/,
});

interface Medium {
  options: ServerOptions;
  listen: () => { port: number; host: string } | { path: string };
}

const tcp = () => ({ port: 0, host: '127.0.0.1' });
const media: Record<string, Medium> = {
  TCP: { options: {}, listen: tcp },
  'a pipe': { options: {}, listen: () => ({ path: freePipePath() }) },
  TLS: { options: { tls: serverTls }, listen: tcp },
};

function spawnCaller(t: Test, args: readonly string[]): ChildProcess {
  const program = path.join(import.meta.dirname, '../support/caller.js');
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

for (const [name, { options, listen }] of Object.entries(media)) {
  for (const stage of ['open', 'sending', 'not reading']) {
    t.test(`a process is killed, over ${name}: ${stage}`, async (t) => {
      const server = createServer(options);
      t.teardown(() => server.close());
      server.listen(listen());
      await once(server, 'listening');
      const address = server.address();
      const target =
        typeof address === 'string'
          ? { path: address }
          : { host: '127.0.0.1', port: address!.port };
      const accepted = once(server, 'connection') as Promise<[Socket]>;
      const child = spawnCaller(t, [
        JSON.stringify(target),
        stage,
        options.tls ? 'tls' : '',
      ]);
      const [callee] = await accepted;
      const { told, error } = watch(callee);
      await once(child.stdout!, 'data');
      if (stage === 'sending' && !told.length) await once(callee, 'data');
      if (stage === 'not reading') {
        await new Promise((sent) => callee.write('unread', sent));
      }
      const closed = new Promise((done) => callee.once('close', done));
      child.kill('SIGKILL');
      await closed;
      t.notOk(told.includes('disconnect'), told.join());
      t.match(error(), { code: /^(ECONNRESET|EPIPE)$/ });
    });
  }
}

t.test('a drain counts it', async (t) => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection');
  const caller = dial(port, '127.0.0.1').on('error', () => {});
  t.teardown(() => caller.destroy());
  caller.write(call());
  await accepted;
  caller.resume();
  const draining = server.drain({ data: 'we close' });
  // In answer to the last word: FIN alone.
  caller.end();
  t.match(await draining, { connections: 1, ended: 0, failed: 1, cut: 1 });
});
