import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { createServer, type Server, type Socket } from '../../src/index.js';
import { connect } from '../../src/promises.js';
import { connected, portOf, serve } from '../support/serve.js';

/** More than the system's and the peer's buffers hold while nothing is read. */
const BIG = Buffer.alloc(16 << 20, 'b');

t.test('every client gets the reason, and may answer', async (t) => {
  const { server, port } = await serve(t);
  const callers = await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      connect({ port, callerData: name, answer: () => `bye from ${name}` }),
    ),
  );
  const silent = await connect({ port, callerData: 'silent' });
  const words: string[] = [];
  for (const caller of [...callers, silent]) {
    caller.on('disconnect', (data) => words.push(String(data)));
  }
  const result = await server.drain({ data: 'restart', deadline: 10_000 });
  t.strictSame(words, ['restart', 'restart', 'restart', 'restart']);
  const { answers, ...counts } = result;
  t.strictSame(counts, {
    connections: 4,
    ended: 4,
    answered: 3,
    failed: 0,
    cut: 0,
    timedOut: 0,
    aborted: 0,
    lingering: 0,
    refused: 0,
  });
  t.strictSame(
    [...answers]
      .map(([socket, word]) => `${String(socket.callerData)}: ${String(word)}`)
      .toSorted(),
    ['a: bye from a', 'b: bye from b', 'c: bye from c'],
  );
  t.equal(server.listening, false);
});

t.test('clients that do not end are aborted at the deadline', async (t) => {
  const { server, caller, port } = await connected(
    t,
    {},
    { allowHalfOpen: true },
  );
  const polite = await connect({ port });
  caller.resume().on('error', () => {});
  const { answers, ...counts } = await server.drain({
    data: 'last call',
    deadline: 50,
  });
  t.match(counts, { connections: 2, ended: 1, aborted: 1, failed: 0 });
  t.equal(answers.size, 0);
  polite.destroy();
});

t.test('a signal brings the deadline forward', async (t) => {
  const { server, caller } = await connected(t, {}, { allowHalfOpen: true });
  caller.resume().on('error', () => {});
  const controller = new AbortController();
  const drained = server.drain({ signal: controller.signal });
  await once(caller, 'disconnect');
  controller.abort();
  t.match(await drained, { connections: 1, aborted: 1 });
});

t.test('with a signal that is aborted all are cut off', async (t) => {
  const { server, caller } = await connected(t);
  caller.on('error', () => {});
  t.match(await server.drain({ signal: AbortSignal.abort() }), { aborted: 1 });
});

t.test('a client that breaks off has failed', async (t) => {
  const { server, caller } = await connected(t, {}, { allowHalfOpen: true });
  caller.on('disconnect', () => caller.resetAndDestroy());
  caller.resume();
  t.match(await server.drain({ data: 'bye' }), { failed: 1, ended: 0 });
});

t.test('callers that wait are refused with the data', async (t) => {
  const { server, port } = await serve(t);
  const asked = new Promise<void>((resolve) => {
    server.condition = () => {
      resolve();
      return new Promise(() => {});
    };
  });
  const caller = connect({ port });
  const refused = t.rejects(caller, {
    code: 'ECONNREFUSED',
    rejectData: Buffer.from('closing'),
  });
  await asked;
  t.match(await server.drain({ data: 'closing' }), {
    refused: 1,
    connections: 0,
  });
  await refused;
});

t.test('a client with a lower limit gets no data', async (t) => {
  const { server, caller } = await connected(t, {}, { userDataLimit: 3 });
  const heard = once(caller, 'disconnect');
  t.match(await server.drain({ data: 'too long' }), { ended: 1 });
  t.strictSame(await heard, [undefined]);
});

t.test('an answer under way is waited for', async (t) => {
  const { server, caller, callee } = await connected(t);
  let finish!: (word: string) => void;
  const asked = new Promise<void>((resolve) => {
    callee.answer = () => {
      resolve();
      return new Promise((r) => (finish = r));
    };
  });
  const word = caller.disconnect('mine');
  await asked;
  const drained = server.drain({ data: 'drain' });
  finish('the answer');
  t.equal(String(await word), 'the answer');
  t.match(await drained, { ended: 1, answered: 1 });
});

t.test('it needs no listeners of the server', async (t) => {
  const { server } = await connected(t);
  const drained = server.drain({ data: 'bye' });
  server.removeAllListeners();
  t.match(await drained, { ended: 1 });
});

t.test('nothing to drain', async (t) => {
  const empty = {
    connections: 0,
    ended: 0,
    answered: 0,
    failed: 0,
    aborted: 0,
    lingering: 0,
    refused: 0,
  };
  t.match(await createServer().drain(), empty);
  const { server } = await serve(t);
  t.match(await server.drain({ data: 'x', deadline: 0 }), empty);
});

t.test('arguments are checked', async (t) => {
  const server = createServer();
  for (const options of [
    { deadline: 'soon' },
    { signal: {} },
    { data: 5 },
  ] as object[]) {
    await t.rejects(server.drain(options), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  await t.rejects(server.drain({ deadline: -1 }), { code: 'ERR_OUT_OF_RANGE' });
});

t.test('twice', async (t) => {
  const { server, caller } = await connected(t);
  const words: unknown[] = [];
  caller.on('disconnect', (data) => words.push(String(data)));
  const [first, second] = await Promise.all([
    server.drain({ data: 'one' }),
    server.drain({ data: 'two' }),
  ]);
  t.match([first, second], [{ ended: 1 }, { ended: 1 }]);
  t.strictSame(words, ['one']);
});

for (const [other, options] of [
  ['says a last word', { data: 'bye' }],
  ['gives notice', { notice: 'soon', noticePeriod: 10_000 }],
] as const) {
  t.test(`what one drain cuts off while another ${other}`, async (t) => {
    const { server, caller } = await connected(t, {}, { allowHalfOpen: true });
    caller.resume().on('error', () => {});
    const aborted = { connections: 1, aborted: 1, failed: 0, ended: 0 };
    t.match(
      await Promise.all([server.drain(options), server.drain({ deadline: 0 })]),
      [aborted, aborted],
    );
    t.match(server.metrics(), { aborted: 1, failed: 0, draining: 0 });
  });
}

/** With clients that never end. */
type Closing = (server: Server, sockets: Socket[]) => unknown;

const closings: Record<string, Closing> = {
  drain: cutOff,
  'close, drain': (server) => cutOff(server.close()),
  'drain, close': (server) => [cutOff(server), server.close()],
  'asyncDispose, drain': (server) => [
    server[Symbol.asyncDispose](),
    cutOff(server),
  ],
  'two drains': (server) => [cutOff(server), cutOff(server)],
  'a drain with a notice, and one without': (server) => [
    server.drain({ notice: 'soon', noticePeriod: 10_000 }),
    cutOff(server),
  ],
  'a drain, and another after it': async (server) => {
    await cutOff(server);
    await server.drain();
  },
  'leaving a loop over its connections': async (server, sockets) => {
    const closed = once(server, 'close');
    await server[Symbol.asyncIterator]().return!();
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  },
  'close, close': (server, sockets) => {
    const closed = once(server, 'close');
    server.close().close();
    for (const socket of sockets) socket.resetAndDestroy();
    return closed;
  },
};

function cutOff(server: Server): Promise<unknown> {
  return server.drain({ deadline: 0 });
}

for (const [name, close] of Object.entries(closings)) {
  for (const clients of [0, 1, 3]) {
    t.test(`close is emitted once: ${name}, ${clients} clients`, async (t) => {
      const { server } = await serve(t);
      const sockets: Socket[] = [];
      server.on('connection', (socket) => {
        sockets.push(socket.on('error', () => {}));
      });
      let closes = 0;
      server.on('close', () => closes++);
      for (const times of [1, 2]) {
        for (let index = 0; index < clients; index++) {
          const port = portOf(server);
          const caller = await connect({ port, allowHalfOpen: true });
          caller.resume().on('error', () => {});
        }
        const done = close(server, sockets);
        await (Array.isArray(done) ? Promise.all(done) : done);
        await nextTurn();
        t.equal(closes, times);
        server.listen(0);
        await once(server, 'listening');
      }
    });
  }
}

t.test('a server that is closed already', async (t) => {
  const { server } = await serve(t);
  let closes = 0;
  server.on('close', () => closes++);
  const results: unknown[] = [];
  const close = () =>
    new Promise<void>((resolve) => {
      server.close((error) => {
        results.push(error && Reflect.get(error, 'code'));
        resolve();
      });
    });
  const notRunning = 'ERR_SERVER_NOT_RUNNING';
  await Promise.all([close(), close()]);
  t.strictSame([results, closes], [[undefined, notRunning], 1]);
  await close();
  t.strictSame([results[2], closes], [notRunning, 2], 'as in net');
});

async function closed(socket: Socket): Promise<void> {
  if (socket.closed) return;
  await new Promise((resolve) => socket.once('close', resolve));
}

/** Closed connections whose peers do not read. */
async function lingering(t: Test, count: number, maxLingering?: number) {
  const { server, port } = await serve(t, { maxLingering });
  const callers: Socket[] = [];
  const resets: number[] = [];
  for (let index = 0; index < count; index++) {
    const connection = once(server, 'connection') as Promise<[Socket]>;
    const caller = await connect({ port });
    caller.pause();
    caller.on('error', () => resets.push(index));
    const [socket] = await connection;
    socket.write(BIG);
    socket.destroy();
    callers.push(caller);
  }
  return { server, callers, resets };
}

t.test('the deadline cuts off lingering connections', async (t) => {
  const { server, callers, resets } = await lingering(t, 2);
  t.equal(server.statistics!.lingering, 2);
  const controller = new AbortController();
  const drained = server.drain({ signal: controller.signal });
  setImmediate(() => controller.abort());
  t.match(await drained, { connections: 0, aborted: 0, lingering: 2 });
  for (const caller of callers) caller.resume();
  await Promise.all(callers.map((caller) => closed(caller)));
  t.equal(resets.length, 2, 'nobody takes it for an end');
});

t.test('it cuts off connections lingering since the drain, too', async (t) => {
  const { server, caller, callee } = await connected(t);
  const controller = new AbortController();
  caller.pause().on('error', () => {});
  callee.write(BIG);
  const drained = server.drain({ signal: controller.signal });
  callee.destroy();
  setImmediate(() => controller.abort());
  t.match(await drained, { connections: 1, failed: 1, lingering: 1 });
  caller.destroy();
});

t.test('an answer that is never made is not waited for', async (t) => {
  const { server, caller, callee } = await connected(t, {
    answer: () => new Promise<never>(() => {}),
  });
  const heard = once(callee, 'disconnect');
  caller.on('error', () => {});
  caller.disconnect('bye').catch(() => {});
  await heard;
  callee.destroy();
  const controller = new AbortController();
  const drained = server.drain({ signal: controller.signal });
  setImmediate(() => controller.abort());
  t.match(await drained, { connections: 0, lingering: 1 });
});

t.test('of those that linger the oldest goes first', async (t) => {
  const { server, callers, resets } = await lingering(t, 3, 2);
  t.equal(server.statistics!.lingering, 2);
  callers[0]!.resume();
  await closed(callers[0]!);
  t.strictSame(resets, [0]);
  for (const caller of callers) caller.destroy();
});

t.test('maxLingering is a number of connections', (t) => {
  for (const maxLingering of [-1, 1.5, '2'] as number[]) {
    t.throws(() => createServer({ maxLingering }), /options\.maxLingering/);
  }
  t.end();
});
