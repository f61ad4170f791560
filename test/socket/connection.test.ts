import { once } from 'node:events';
import net from 'node:net';
import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { accept, connect, Socket } from '../../src/index.js';
import { connected, record, serve } from '../support/serve.js';

const ignore = () => {};

t.test('late events never reach the next connection', async (t) => {
  const first = await serve(t, { allowHalfOpen: true }, (peer) => {
    peer.on('error', ignore).resume();
    void peer.disconnect('your answer?').catch(ignore);
  });
  const heard: string[] = [];
  const second = await serve(t, {}, (peer) => {
    peer.on('error', ignore).resume();
    peer.on('disconnect', (word) => heard.push(`disconnect ${String(word)}`));
  });
  const socket = new Socket();
  t.teardown(() => socket.resetAndDestroy());
  let sayAnswer: (answer: string) => void = ignore;
  const asked = new Promise<void>((resolve) => {
    socket.answer = () => {
      resolve();
      return new Promise((answered) => (sayAnswer = answered));
    };
  });
  socket.on('error', ignore).connect(first.port, '127.0.0.1').resume();
  await asked;
  socket.destroy();
  await once(socket, 'close');
  socket.answer = undefined;
  socket.connect(second.port, '127.0.0.1').resume();
  await once(socket, 'connect');
  sayAnswer('late');
  // Far enough for an answer to arrive, if there were one.
  t.equal(await socket.disconnect('mine'), undefined);
  t.strictSame(heard, ['disconnect mine']);
});

t.test('removeAllListeners takes nothing of the socket away', async (t) => {
  const { caller, callee } = await connected(t, { answer: () => 'total' });
  const waits = caller.disconnect('41');
  caller.removeAllListeners();
  callee.removeAllListeners();
  caller.on('error', ignore);
  callee.on('error', ignore).resume();
  t.equal(String(await waits), 'total');
});

t.test('destroySoon needs no listener either', async (t) => {
  const { caller, callee } = await connected(t);
  const seen = record(callee, 'data', 'end');
  caller.write('all');
  caller.destroySoon();
  caller.removeAllListeners();
  await once(callee, 'end');
  t.strictSame(seen, ['data all', 'end']);
  t.equal(caller.destroyed, true);
});

t.test('an answer holds end() and allowHalfOpen is left alone', async (t) => {
  const { caller, callee } = await connected(t);
  const ends: string[] = [];
  let sayAnswer: (answer: string) => void = ignore;
  const asked = new Promise<void>((resolve) => {
    callee.answer = () => {
      resolve();
      return new Promise((answered) => (sayAnswer = answered));
    };
  });
  callee.resume();
  const word = caller.disconnect('bye');
  await asked;
  t.equal(callee.allowHalfOpen, false);
  callee.end('the rest', () => ends.push('ended'));
  // By now the automatic end has happened too.
  await nextTurn();
  t.equal(callee.writableEnded, false);
  t.strictSame(ends, []);
  sayAnswer('here it is');
  t.equal(String(await word), 'here it is');
  if (!callee.closed) await once(callee, 'close');
  t.strictSame(ends, ['ended']);
});

const refusals: {
  name: string;
  before?: (socket: Socket) => void;
  code: string;
}[] = [
  { name: 'too long', code: 'EMSGSIZE' },
  {
    name: 'after end()',
    before: (socket) => socket.end(),
    code: 'ESHUTDOWN',
  },
  {
    name: 'a second call',
    before: (socket) => void socket.disconnect('1').catch(ignore),
    code: 'ESHUTDOWN',
  },
];

for (const { name, before, code } of refusals) {
  t.test(`nothing stays of a disconnect() refused: ${name}`, async (t) => {
    const { caller, callee } = await connected(
      t,
      { userDataLimit: 4, allowHalfOpen: true },
      { allowHalfOpen: true },
    );
    // connect() of goodbyte/promises listens for one turn more.
    await nextTurn();
    before?.(caller);
    const flowing = caller.readableFlowing;
    const signals = new AbortController();
    const refused = caller.disconnect('12345', {
      deadline: 1,
      signal: signals.signal,
    });
    await t.rejects(refused, { code });
    t.equal(caller.readableFlowing, flowing);
    t.equal(caller.listenerCount('error'), 0);
    signals.abort();
    await new Promise((resolve) => setTimeout(resolve, 5));
    callee.write('still there');
    const [data] = (await once(caller, 'data')) as [Buffer];
    t.equal(String(data), 'still there');
    t.equal(caller.destroyed, false);
  });
}

t.test('a plain peer is no reason to end the connection', async (t) => {
  const { port } = await serve(t, { allowPlain: true }, (peer) => {
    peer.on('error', ignore);
    peer.disconnect('word').catch((error: NodeJS.ErrnoException) => {
      peer.write(String(error.code));
    });
  });
  const plain = net.connect(port, '127.0.0.1');
  t.teardown(() => plain.destroy());
  plain.write('x');
  const [told] = (await once(plain, 'data')) as [Buffer];
  t.equal(String(told), 'ENOPROTOOPT');
});

t.test('a refused second call leaves the first one waiting', async (t) => {
  const { caller, callee } = await connected(t);
  callee.answer = () => 'answer';
  const first = caller.disconnect('1');
  await t.rejects(caller.disconnect('2'), { code: 'ESHUTDOWN' });
  callee.resume();
  t.equal(String(await first), 'answer');
});

for (const how of ['deadline', 'signal'] as const) {
  t.test(`a ${how} takes a request back that is under way`, async (t) => {
    let left: () => void = ignore;
    const withdrawn = new Promise<void>((resolve) => (left = resolve));
    const { server, port } = await serve(t, {
      condition: async ({ signal }) => {
        await once(signal, 'abort');
        left();
        return accept();
      },
    });
    const controller = new AbortController();
    const caller = connect({ port, host: '127.0.0.1' });
    const errors: Error[] = [];
    caller.on('error', (error) => errors.push(error));
    const word = caller.disconnect(
      'x',
      how === 'signal' ? { signal: controller.signal } : { deadline: 50 },
    );
    if (how === 'signal') controller.abort();
    await t.rejects(word, {
      code: how === 'signal' ? 'ABORT_ERR' : 'ETIMEDOUT',
    });
    t.equal(caller.destroyed, true);
    if (how === 'deadline') await withdrawn;
    if (!caller.closed) await once(caller, 'close');
    t.strictSame(errors, []);
    server.close();
  });
}

t.test('a dropped disconnect() is no unhandled rejection', async (t) => {
  const unhandled: unknown[] = [];
  const onunhandled = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', onunhandled);
  t.teardown(() => process.off('unhandledRejection', onunhandled));
  const { caller, callee } = await connected(t, { userDataLimit: 4 });
  const told = once(caller, 'error');
  caller.on('error', ignore).resume();
  void caller.disconnect('too long');
  void caller.disconnect('bye');
  callee.resetAndDestroy();
  const [error] = (await told) as [NodeJS.ErrnoException];
  t.equal(error.code, 'ECONNRESET');
  await nextTurn();
  t.strictSame(unhandled, []);
});

t.test('whatever is true or false is on or off', async (t) => {
  const { server, port } = await serve(t, {
    noDelay: 1 as never,
    keepAlive: 'yes' as never,
  });
  server.on('connection', (peer) => peer.setNoDelay(0 as never));
  const odd: unknown[] = [1, 0, 'x', '', null, undefined, {}, Number.NaN];
  for (const value of odd) {
    const socket = new Socket({
      noDelay: value as never,
      keepAlive: value as never,
    });
    socket.setNoDelay(value as never);
    for (const delay of [...odd, -1, 1e12, 1.5]) {
      socket.setKeepAlive(value as never, delay as never);
    }
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.setNoDelay(value as never);
    for (const delay of [...odd, -1, 1e12, 1.5]) {
      socket.setKeepAlive(value as never, delay as never);
    }
    socket.resume();
    await socket.disconnect();
  }
  t.pass('each has connected');
});

for (const { name, make } of [
  { name: 'that is empty', make: () => Buffer.alloc(0) },
  {
    name: 'that was detached',
    make: () => {
      const octets = new Uint8Array(16);
      structuredClone(octets, { transfer: [octets.buffer] });
      return octets;
    },
  },
]) {
  for (const isFunction of [false, true]) {
    const how = isFunction ? ', which a function gives' : '';
    t.test(`a buffer of onread ${name}${how}`, async (t) => {
      const { port } = await serve(t, {}, (callee) => {
        callee.on('error', ignore).write('data');
      });
      const buffer = make();
      const caller = connect({
        port,
        host: '127.0.0.1',
        onread: {
          buffer: isFunction ? () => buffer : buffer,
          callback: () => true,
        },
      });
      const [error] = (await once(caller, 'error')) as [Error];
      t.match(error, { code: 'ENOBUFS', syscall: 'read', message: /onread/ });
    });
  }
}

for (const { name, options, most } of [
  { name: 'by default', options: {}, most: 16 },
  { name: 'an odd number of', options: { highWaterMark: NaN }, most: 16 },
  { name: 'as told', options: { highWaterMark: 3 }, most: 3 },
]) {
  t.test(`messages are read ahead one by one: ${name}`, async (t) => {
    const socketType = 'message';
    const { server, port } = await serve(t, { ...options, socketType });
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const caller = connect({ port, host: '127.0.0.1', socketType });
    t.teardown(() => caller.resetAndDestroy());
    for (let at = 0; at < 200; at++) caller.write(`${at}`);
    const [callee] = await accepted;
    await new Promise<void>((resolve) => {
      caller.end(resolve);
    });
    let fullest = 0;
    const seen: string[] = [];
    while (seen.length < 200) {
      await nextTurn();
      fullest = Math.max(fullest, callee.readableLength);
      const message = callee.read() as Buffer | null;
      if (message) seen.push(String(message));
    }
    t.equal(fullest, most);
    t.strictSame(
      seen,
      Array.from({ length: 200 }, (_, at) => `${at}`),
    );
  });
}

t.test('a message that is too long is an error of its own', async (t) => {
  const type = { socketType: 'message' } as const;
  const { server, port } = await serve(t, { ...type, messageLimit: 10 });
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const caller = connect({ ...type, port, host: '127.0.0.1' });
  t.teardown(() => caller.resetAndDestroy());
  const told: string[] = [];
  const tell = (name: string) => (error?: Error | null) => {
    told.push(`${name} ${(error as NodeJS.ErrnoException)?.code ?? 'done'}`);
  };
  const errors: unknown[] = [];
  caller.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code));
  caller.write('early and too long', tell('early'));
  caller.write('early', tell('short'));
  await once(caller, 'connect');
  const [callee] = await accepted;
  const messages: string[] = [];
  callee.on('data', (message: Buffer) => messages.push(String(message)));
  caller.write('late and too long', tell('late'));
  caller.write('nobody is told of this');
  caller.write('late', tell('short'));
  await new Promise<void>((resolve) => {
    caller.end('last', () => resolve());
  });
  await once(callee, 'end');
  t.strictSame(messages, ['early', 'late', 'last']);
  t.strictSame(told.toSorted(), [
    'early EMSGSIZE',
    'late EMSGSIZE',
    'short done',
    'short done',
  ]);
  t.strictSame(errors, ['EMSGSIZE']);
});

t.test('a socket is of its type from the start', async (t) => {
  const wrong = { port: 1, socketType: 'message' } as const;
  t.throws(() => new Socket().connect(wrong), {
    code: 'ERR_INVALID_ARG_VALUE',
    message: /socketType/,
  });
  const { port } = await serve(t, { socketType: 'message' }, (peer) => {
    peer.pipe(peer);
  });
  const socket = new Socket({ socketType: 'message' });
  socket.connect({ port, host: '127.0.0.1', socketType: 'message' });
  t.teardown(() => socket.resetAndDestroy());
  socket.write('one');
  const [message] = (await once(socket, 'data')) as [Buffer];
  t.equal(String(message), 'one');
});

/** Ways to read the data that came before a reset. */
const readers: Record<string, (socket: Socket) => Promise<string>> = {
  async paused(socket) {
    let text = '';
    socket.on('data', (data: Buffer) => (text += String(data)));
    socket.pause();
    setImmediate(() => socket.resume());
    await settled(socket);
    return text;
  },
  async slow(socket) {
    let text = '';
    try {
      for await (const data of socket) {
        text += String(data);
        await nextTurn();
        await nextTurn();
      }
    } catch {
      // The reset, after all data.
    }
    return text;
  },
  async piped(socket) {
    let text = '';
    socket.pipe(
      new Writable({
        highWaterMark: 1,
        write(data, _encoding, callback) {
          text += String(data);
          setImmediate(callback);
        },
      }),
    );
    await settled(socket);
    await nextTurn();
    return text;
  },
};

async function settled(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}

for (const [name, read] of Object.entries(readers)) {
  for (const socketType of ['stream', 'message'] as const) {
    t.test(`data before a reset: ${name}, ${socketType}`, async (t) => {
      const { caller, callee } = await connected(
        t,
        { socketType },
        { socketType },
      );
      caller.on('error', ignore);
      const readable = once(caller, 'readable');
      caller.pause();
      for (let n = 0; n < 10; n++) callee.write(`${n} `);
      // Held by the stream, which destroy() would empty.
      await readable;
      while (caller.readableLength < (socketType === 'message' ? 10 : 20)) {
        await nextTurn();
        caller.read(0);
      }
      callee.resetAndDestroy();
      t.equal(await read(caller), '0 1 2 3 4 5 6 7 8 9 ');
      t.equal((caller.errored as NodeJS.ErrnoException).code, 'ECONNRESET');
    });
  }
}
