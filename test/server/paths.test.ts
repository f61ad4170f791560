import { once } from 'node:events';
import { existsSync, renameSync, statSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import t from 'tap';
import { connect as connectNow, createServer } from '../../src/index.js';
import { connect, listen } from '../../src/promises.js';
import { clientTls, freePipePath, serverTls } from '../support/media.js';
import { needsUnix } from '../support/platform.js';

const skip = needsUnix('sockets that are files');

/** Both transports: TLS uses the stream transport. */
const kinds = [
  { name: 'a Unix socket', server: {}, client: {} },
  {
    name: 'TLS over a Unix socket',
    server: { tls: serverTls },
    client: { tls: clientTls },
  },
];

/** A path of this many octets. */
function pathOf(octets: number): string {
  const base = `${freePipePath()}-`;
  return base + 'x'.repeat(octets - base.length);
}

const most = process.platform === 'linux' ? 108 : 104;

for (const { name, server: options, client } of kinds) {
  t.test(`the longest path of ${name}`, { skip }, async (t) => {
    const server = createServer({ ...options }, (socket) => {
      socket.end();
    });
    const longest = pathOf(most);
    await listen(server, { path: longest });
    t.equal(server.address(), longest);
    const socket = await connect({ path: longest, ...client });
    socket.resume();
    await socket.disconnect();
    server.close();
    await once(server, 'close');
    t.equal(existsSync(longest), false);
  });

  t.test(`a path that is too long for ${name}`, { skip }, async (t) => {
    for (const tooLong of [pathOf(most + 1), pathOf(most - 1) + 'é']) {
      const error = {
        code: 'ENAMETOOLONG',
        winsock: { name: 'WSAENAMETOOLONG' },
        address: tooLong,
        message: new RegExp(`ENAMETOOLONG.* at most ${most} octets$`),
      };
      const server = createServer({ ...options });
      await t.rejects(listen(server, { path: tooLong }), {
        ...error,
        syscall: 'listen',
      });
      t.equal(server.listening, false);
      await t.rejects(connect({ path: tooLong, ...client }), {
        ...error,
        syscall: 'connect',
      });
      t.equal(existsSync(tooLong.slice(0, -1)), false);
    }
  });
}

t.test('a path with a NUL inside', async (t) => {
  const folder = path.dirname(freePipePath());
  for (const wrong of [`${folder}/a\0b`, `${folder}/a\0`]) {
    const error = {
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_VALUE',
      message: /options\.path.*null bytes/,
    };
    t.throws(() => createServer().listen(wrong), error);
    t.throws(() => createServer().listen({ path: wrong }), error);
    t.throws(() => connectNow(wrong), error);
    t.throws(() => connectNow({ path: wrong }), error);
  }
});

t.test(
  "a name of Linux's own begins with a NUL, and may have more",
  { skip: process.platform !== 'linux' && 'needs Linux' },
  async (t) => {
    const server = createServer((socket) => {
      socket.end();
    });
    const name = `\0goodbyte-${process.pid}\0b`;
    await listen(server, { path: name });
    const socket = await connect(name);
    socket.resume();
    await socket.disconnect();
    server.close();
    await once(server, 'close');
    await t.rejects(connect(name), { code: 'ECONNREFUSED' });
  },
);

t.test('a file left behind by a server', { skip }, async (t) => {
  const server = createServer();
  const taken = freePipePath();
  const left = net.createServer().listen(taken);
  await once(left, 'listening');
  await t.rejects(listen(server, { path: taken }), {
    code: 'EADDRINUSE',
    syscall: 'listen',
    address: taken,
    message: `listen EADDRINUSE: address already in use ${taken}: a server listens there, or has left the file behind: then delete it and listen again`,
  });
  left.close();
});

// docs/api.md, "Paths".
t.test(
  'a server takes the place of another without a gap',
  { skip },
  async (t) => {
    const place = freePipePath();
    const start = async (name: string) => {
      const server = createServer((socket) => {
        socket.answer = () => name;
      });
      const own = `${place}.${name}`;
      await listen(server, { path: own });
      renameSync(own, place);
      return server;
    };
    const ask = async () => {
      const socket = await connect(place);
      return String(await socket.resume().disconnect());
    };
    const first = await start('first');
    t.equal(await ask(), 'first');
    const { ino } = statSync(place);
    const second = await start('second');
    t.not(statSync(place).ino, ino);
    t.equal(await ask(), 'second');
    first.close();
    await once(first, 'close');
    t.equal(await ask(), 'second');
    second.close();
    await once(second, 'close');
    t.equal(existsSync(place), true, 'which the last one deletes by itself');
  },
);
