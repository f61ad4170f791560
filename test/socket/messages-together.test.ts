// Short messages of one tick leave together, and stay messages.
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { connect, type ConnectOptions, type Socket } from '../../src/index.js';
import { narrowPair } from '../support/narrow-pair.js';
import { serve } from '../support/serve.js';

const socketType = 'message';

/** A server that keeps what it receives, and its end. */
async function receiving(t: Test, options = {}) {
  let hasEnded!: (messages: Buffer[]) => void;
  const ended = new Promise<Buffer[]>((resolve) => {
    hasEnded = resolve;
  });
  const { server, port } = await serve(
    t,
    { socketType, ...options },
    (socket) => {
      const messages: Buffer[] = [];
      socket.on('data', (message) => messages.push(message));
      socket.on('end', () => {
        hasEnded(messages);
      });
    },
  );
  return { server, target: { port, host: '127.0.0.1' }, ended };
}

async function connected(t: Test, options: object): Promise<Socket> {
  const socket = connect({ ...options, socketType } as ConnectOptions);
  t.teardown(() => socket.destroy());
  if (socket.connecting) await once(socket, 'connect');
  await nextTurn();
  return socket;
}

const numbered = (count: number, length = 0) =>
  Array.from({ length: count }, (_, at) => `${at}`.padEnd(length, '.'));

const texts = (messages: readonly Buffer[]) => messages.map(String);

/** Messages by their lengths: each has its own octets. */
const ofLengths = (...lengths: number[]) =>
  lengths.map((length, at) => Buffer.alloc(length, at + 1));

/** A connection over Duplexes that take a write only once it is read. */
async function narrow(t: Test, options = {}) {
  const { server, ended } = await receiving(t);
  const [here, there] = narrowPair();
  server.adopt(there);
  const socket = await connected(t, { ...options, stream: here });
  const write = here.write.bind(here) as (...args: unknown[]) => boolean;
  let writes = 0;
  Object.assign(here, {
    write(...args: unknown[]) {
      writes++;
      return write(...args);
    },
  });
  return { socket, ended, writes: () => writes };
}

t.test('a thousand messages are two writes', async (t) => {
  const { socket, ended, writes } = await narrow(t);
  const messages = numbered(1000);
  for (const message of messages) socket.write(message);
  await new Promise((resolve) => socket.write('last', resolve));
  t.equal(writes(), 2);
  socket.end();
  t.strictSame(texts(await ended), [...messages, 'last']);
});

t.test('messages of a listener of drain leave together too', async (t) => {
  const { socket, ended, writes } = await narrow(t, { highWaterMark: 1000 });
  const messages = numbered(1000, 10);
  let sent = 0;
  const goOn = () => {
    while (sent < messages.length) {
      if (!socket.write(messages[sent++]!)) return;
    }
    socket.end();
  };
  socket.on('drain', goOn);
  goOn();
  t.strictSame(texts(await ended), messages);
  t.ok(writes() < 50, `${writes()} writes`);
});

const mixtures: Record<string, Buffer[]> = {
  'short ones': ofLengths(1, 64, 2048, 3),
  'empty ones': ofLengths(0, 0, 5, 0, 0),
  'long ones between short ones': ofLengths(1, 2, 2049, 3, 4, 1e5, 5, 6, 7),
  'more than leave together': Array.from({ length: 100 }, (_, at) =>
    Buffer.alloc(2000, at),
  ),
};

const media: Record<
  string,
  (t: Test) => Promise<{ socket: Socket; ended: Promise<Buffer[]> }>
> = {
  async TCP(t) {
    const { target, ended } = await receiving(t);
    return { socket: await connected(t, target), ended };
  },
  'a narrow Duplex': (t) => narrow(t),
};

const cases = Object.entries(media).flatMap(([medium, open]) =>
  Object.entries(mixtures).map(
    ([name, messages]) => [`${name}, over ${medium}`, open, messages] as const,
  ),
);

for (const [name, open, messages] of cases) {
  t.test(name, async (t) => {
    const { socket, ended } = await open(t);
    let told = 0;
    for (const message of messages) {
      socket.write(message, (error) => {
        if (!error) told++;
      });
    }
    socket.end();
    const received = await ended;
    t.equal(received.length, messages.length);
    t.ok(messages.every((message, at) => received[at]!.equals(message)));
    t.equal(told, messages.length, 'each write called back once');
  });

  t.test(`${name}, then destroy()`, async (t) => {
    const { socket, ended } = await open(t);
    for (const message of messages) socket.write(message);
    socket.destroy();
    const received = await ended;
    t.equal(received.length, messages.length);
    t.ok(messages.every((message, at) => received[at]!.equals(message)));
  });
}

for (const state of ['before the connection', 'after']) {
  t.test(`one that is too long, ${state}`, async (t) => {
    const { target, ended } = await receiving(t, { messageLimit: 10 });
    const socket =
      state === 'after'
        ? await connected(t, target)
        : connect({ ...target, socketType });
    const told: string[] = [];
    for (const message of ['a', 'b', 'c', 'this is too long', 'd', 'e']) {
      socket.write(message, (error) => {
        told.push(error ? (error as NodeJS.ErrnoException).code! : message);
      });
    }
    socket.end();
    t.strictSame(texts(await ended), ['a', 'b', 'c', 'd', 'e']);
    t.strictSame(told.toSorted(), ['EMSGSIZE', 'a', 'b', 'c', 'd', 'e']);
  });
}

t.test('a short buffer belongs to its owner after write()', async (t) => {
  const { target, ended } = await receiving(t);
  const socket = await connected(t, target);
  const octets = Buffer.alloc(1);
  for (const letter of 'goodbyte') {
    octets.write(letter);
    socket.write(octets);
  }
  socket.end();
  t.strictSame(texts(await ended), 'goodbyte'.split(''));
});
