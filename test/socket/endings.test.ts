import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect as dial, type Socket as NetSocket } from 'node:net';
import path from 'node:path';
import { connect as dialTls } from 'node:tls';
import t, { type Test } from 'tap';
import {
  createServer,
  type Server,
  type ServerOptions,
  type Socket,
} from '../../src/index.js';
import { clientTls, freePipePath, serverTls } from '../support/media.js';
import { needsUnix } from '../support/platform.js';
import { call, disconnectFrame, frame } from '../support/wire.js';
import { FrameType } from '../../src/provider/framed/wire.js';

// Data from before the end is delivered, and the kind of end is reported correctly:
// over each medium, to each kind of reader, however abrupt the end.

type Target = { port: number; host: string } | { path: string };

interface Medium {
  options: ServerOptions;
  listen: () => Target;
  dial: (target: Target) => Peer;
}

/** A connection of Node's own. */
interface Peer {
  stream: NetSocket;
  /** Ends it without a last word. */
  reset: () => void;
}

const tcp = () => ({ port: 0, host: '127.0.0.1' });

function dialPlain(target: Target): Peer {
  const stream = dial(target);
  return {
    stream,
    reset: () => {
      // A Unix socket is reset by a side that leaves something unread.
      if ('path' in target) stream.destroy();
      else stream.resetAndDestroy();
    },
  };
}

const media: Record<string, Medium> = {
  TCP: { options: {}, listen: tcp, dial: dialPlain },
  'a Unix socket or named pipe': {
    options: {},
    listen: () => ({ path: freePipePath() }),
    dial: dialPlain,
  },
  TLS: {
    options: { tls: serverTls },
    listen: tcp,
    dial: (target) => {
      const { stream: socket, reset } = dialPlain(target);
      socket.on('error', () => {});
      const ALPNProtocols = ['goodbyte/1'];
      return {
        stream: dialTls({ socket, ...clientTls, ALPNProtocols }),
        reset,
      };
    },
  },
};

/** Everything that a socket's user knows at the end. */
interface Account {
  data: string;
  lastWord: string | undefined;
  error: string | undefined;
}

type Reader = (socket: Socket, gone: Promise<unknown>) => Promise<Account>;

function accountOf(socket: Socket, chunks: Buffer[]): Account {
  const error: NodeJS.ErrnoException | null = socket.errored;
  return {
    data: Buffer.concat(chunks).toString(),
    lastWord: socket.disconnectData?.toString(),
    error: error?.code,
  };
}

async function flowing(socket: Socket): Promise<Account> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {}).resume();
  await new Promise((closed) => socket.once('close', closed));
  return accountOf(socket, chunks);
}

const readers: Record<string, Reader> = {
  flowing,
  /** It reads only when everything has arrived, and the peer is gone. */
  paused: async (socket, gone) => {
    socket.on('error', () => {});
    socket.pause();
    await gone;
    return flowing(socket);
  },
  slow: async (socket, gone) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of socket) {
        chunks.push(chunk as Buffer);
        await gone;
      }
    } catch (error) {
      if (error !== socket.errored) throw error;
    }
    if (!socket.closed) await once(socket, 'close');
    return accountOf(socket, chunks);
  },
};

/** The larger one fits into the system's receive buffer, but not into ours. */
const sizes = { 'a little': 5, 'as much as fits': 40_000 };

/** A process costs most, so one is killed only in the harder case. */
const killedAt = sizes['as much as fits'];

async function serving(t: Test, medium: Medium) {
  const server = createServer({ ...medium.options, highWaterMark: 1000 });
  t.teardown(() => server.close());
  server.listen(medium.listen());
  await once(server, 'listening');
  const address = server.address();
  const target: Target =
    typeof address === 'string'
      ? { path: address }
      : { port: address!.port, host: '127.0.0.1' };
  return { server, target };
}

/** A caller of raw frames, accepted. */
async function callRaw(t: Test, medium: Medium, server: Server, to: Target) {
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const { stream, reset } = medium.dial(to);
  stream.on('error', () => {}).write(call());
  t.teardown(reset);
  const [callee] = await accepted;
  return { stream, reset, callee };
}

/** Earlier events have been seen by now, if they are read at all. */
async function laterCall(t: Test, medium: Medium, server: Server, to: Target) {
  const { reset, callee } = await callRaw(t, medium, server, to);
  const closed = new Promise((done) => callee.once('close', done));
  callee.on('error', () => {}).resume();
  reset();
  await closed;
}

/** Elsewhere a reset after data sometimes looks like a FIN. */
const skip = needsUnix("a look at TCP's state");

for (const [name, medium] of Object.entries(media)) {
  for (const [reading, read] of Object.entries(readers)) {
    for (const [amount, size] of Object.entries(sizes)) {
      const data = 'd'.repeat(size);
      const title = `${amount} over ${name}, ${reading}`;

      for (const word of ['bye', undefined]) {
        const end = word ? 'a last word and a reset' : 'a reset';
        t.test(`${title}: ${end}`, { skip }, async (t) => {
          const { server, target } = await serving(t, medium);
          const { stream, reset, callee } = await callRaw(
            t,
            medium,
            server,
            target,
          );
          stream.pause();
          await new Promise((sent) => callee.write('unread', sent));
          const gone = once(stream, 'close').then(() =>
            laterCall(t, medium, server, target),
          );
          const account = read(callee, gone);
          stream.write(
            Buffer.concat([
              frame(FrameType.DATA, data),
              ...(word ? [disconnectFrame(word)] : []),
            ]),
            reset,
          );
          const { error, ...arrived } = await account;
          t.strictSame(arrived, { data, lastWord: word });
          // After a last word it is reported only if ours came too late.
          const toldRightly = error === 'ECONNRESET' || (word && !error);
          t.ok(toldRightly, `error: ${error}`);
        });
      }

      if (size !== killedAt) continue;
      t.test(`${title}: a process is killed`, { skip }, async (t) => {
        const { server, target } = await serving(t, medium);
        const accepted = once(server, 'connection') as Promise<[Socket]>;
        const program = path.join(import.meta.dirname, '../support/caller.js');
        const child = spawn(
          process.execPath,
          [
            program,
            JSON.stringify(target),
            'not reading',
            medium.options.tls ? 'tls' : '',
            String(size),
          ],
          { stdio: ['ignore', 'pipe', 'inherit'] },
        );
        t.teardown(() => child.kill('SIGKILL'));
        const gone = once(child, 'exit').then(() =>
          laterCall(t, medium, server, target),
        );
        const [callee] = await accepted;
        const account = read(callee, gone);
        await once(child.stdout, 'data');
        await new Promise((sent) => callee.write('unread', sent));
        child.kill('SIGKILL');
        t.strictSame(await account, {
          data,
          lastWord: undefined,
          error: 'ECONNRESET',
        });
      });
    }
  }
}
