import { once } from 'node:events';
import t, { type Test } from 'tap';
import {
  connect,
  createServer,
  type Server,
  type Socket,
} from '../../src/index.js';

/** A caller's life before its socket is destroyed, and connected anew. */
interface Past {
  /** Called with the first server's socket. */
  peer?: (peer: Socket) => void;
  /** Ends its first connection, which may still be connecting. */
  live: (socket: Socket) => Promise<void> | void;
  /** It does not wait until it is connected. */
  early?: true;
}

t.setTimeout(300_000);

const BIG = Buffer.alloc(16 << 20, 'b');

/** Resolves when something unread has arrived. */
async function holding(socket: Socket): Promise<void> {
  while (socket.readableLength === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const pasts: Record<string, Past> = {
  'an unread buffer': {
    peer: (peer) => void peer.write('old'),
    async live(socket) {
      socket.pause();
      await holding(socket);
      socket.destroy();
    },
  },
  'a buffer above the mark': {
    peer: (peer) => void peer.write(BIG),
    async live(socket) {
      socket.pause();
      await holding(socket);
      socket.destroy();
    },
  },
  'a buffer, and the last word after it': {
    peer: (peer) => void peer.end('old'),
    async live(socket) {
      socket.pause();
      await holding(socket);
      socket.destroy();
    },
  },
  'a reset after a buffer': {
    peer(peer) {
      peer.write('old', () => peer.resetAndDestroy());
    },
    async live(socket) {
      socket.pause();
      await holding(socket);
      socket.resetAndDestroy();
    },
  },
  'part of a character': {
    peer: (peer) => void peer.write(Buffer.from([0xe2, 0x82])),
    async live(socket) {
      socket.setEncoding('utf8');
      socket.resume();
      while (socket.bytesRead < 2) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      socket.destroy();
    },
  },
  'a received last word': {
    peer: (peer) => void peer.disconnect('old').catch(() => 0),
    async live(socket) {
      socket.resume();
      if (!socket.disconnected) await once(socket, 'disconnect');
      socket.destroy();
    },
  },
  'an end that was read': {
    peer: (peer) => void peer.end('old'),
    async live(socket) {
      socket.resume();
      await once(socket, 'end');
      socket.destroy();
    },
  },
  'a write under way': {
    live(socket) {
      socket.write(BIG, () => 0);
      socket.write(BIG);
      socket.destroy();
    },
  },
  'a write that is cut off': {
    live(socket) {
      socket.write(BIG);
      socket.write(BIG);
      socket.resetAndDestroy();
    },
  },
  'corked writes': {
    live(socket) {
      socket.cork();
      socket.write('old');
      socket.write('old');
      socket.destroy();
    },
  },
  'an end under way': {
    live(socket) {
      socket.end(BIG);
      socket.destroy();
    },
  },
  'a disconnect under way': {
    async live(socket) {
      const word = socket.disconnect('old');
      socket.destroy();
      await word.catch(() => 0);
    },
  },
  'a disconnect with a deadline': {
    async live(socket) {
      const word = socket.disconnect('old', { deadline: 50 });
      socket.destroy();
      await word.catch(() => 0);
    },
  },
  'a write while it connects': {
    early: true,
    live(socket) {
      socket.write('old');
      socket.destroy();
    },
  },
  'an end while it connects': {
    early: true,
    live(socket) {
      socket.end('old');
      socket.destroy();
    },
  },
  'a disconnect while it connects': {
    early: true,
    live(socket) {
      socket.disconnect('old').catch(() => 0);
      socket.destroy();
    },
  },
  'an abort while it connects': {
    early: true,
    live(socket) {
      socket.resetAndDestroy();
      socket.destroy();
    },
  },
  'an error of its own': {
    live(socket) {
      socket.destroy(new Error('old'));
    },
  },
};

async function listening(
  t: Test,
  listener: (peer: Socket) => void,
): Promise<Server> {
  const server = createServer((peer) => {
    peer.on('error', () => 0);
    listener(peer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return server;
}

const portOf = (server: Server) => (server.address() as { port: number }).port;

/** Exchanges words over the next connection, or resolves with its error. */
async function exchange(socket: Socket): Promise<unknown> {
  const heard: unknown[] = [];
  socket.on('data', (piece) => heard.push(piece));
  socket.on('error', (error) => heard.push(error.message));
  socket.resume();
  const closed = once(socket, 'close');
  socket.write('new', (error) => heard.push(error?.message ?? 'written'));
  const word = await socket.disconnect('new').catch((error: unknown) => error);
  await closed;
  return [heard.map((one) => String(one).slice(0, 40)), String(word)];
}

/** When the socket reconnects; before 'close' not even net's can. */
const moments: Record<string, (socket: Socket, go: () => void) => void> = {
  'in the listener of close': (socket, go) => void socket.once('close', go),
  later: (socket, go) => void socket.once('close', () => setImmediate(go)),
};

for (const [moment, when] of Object.entries(moments)) {
  for (const [name, { peer, live, early }] of Object.entries(pasts)) {
    t.test(`${name}, and connects again ${moment}`, async (t) => {
      const others = new Set<Socket>();
      const first = await listening(t, (socket) => {
        others.add(socket);
        peer?.(socket);
      });
      const second = await listening(t, (socket) => {
        socket.resume();
        socket.answer = (word) => {
          socket.write('echo');
          return `answer to ${String(word)}`;
        };
      });
      const socket = connect(portOf(first), '127.0.0.1');
      const ignore = () => 0;
      socket.on('error', ignore);
      if (!early) await once(socket, 'connect');
      await live(socket);
      const connected = new Promise<unknown>((resolve) => {
        when(socket, () => {
          for (const other of others) other.resetAndDestroy();
          socket.off('error', ignore);
          socket.connect(portOf(second), '127.0.0.1');
          t.equal(socket.readableLength, 0);
          t.equal(socket.writableLength, 0);
          resolve(exchange(socket));
        });
      });
      t.strictSame(await connected, [['written', 'echo'], 'answer to new']);
    });
  }
}
