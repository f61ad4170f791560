import { once } from 'node:events';
import {
  connect as netConnect,
  createServer as createNetServer,
} from 'node:net';
import t, { type Test } from 'tap';
import { connect as dial, Socket } from '../../src/index.js';
import { connect } from '../../src/promises.js';
import { FrameType } from '../../src/provider/framed/wire.js';
import { connected, serve } from '../support/serve.js';
import {
  acceptFrame,
  call,
  calleePreface,
  control,
  disconnectFrame,
  frame,
} from '../support/wire.js';

// socket.notify(), the event `notice`, and drain({ notice }).

t.test('a notice arrives, and both go on', async (t) => {
  const { caller, callee } = await connected(t);
  const heard: unknown[] = [];
  const told = new Promise<void>((resolve) => {
    caller.on('notice', (...said) => {
      heard.push(said);
      if (heard.length === 3) resolve();
    });
  });
  t.equal(callee.notify('soon', { code: 7 }), true);
  t.equal(callee.notify(Buffer.from([0, 255])), true);
  t.equal(callee.notify(), true);
  await told;
  t.strictSame(heard, [
    [Buffer.from('soon'), 7],
    [Buffer.from([0, 255])],
    [undefined],
  ]);
  caller.write('still here');
  const [data] = (await once(callee, 'data')) as [Buffer];
  t.equal(String(data), 'still here');
  const answer = callee.disconnect('now');
  const [word] = (await once(caller.resume(), 'disconnect')) as [Buffer];
  t.equal(String(word), 'now');
  await answer;
});

t.test('it does not wait for a reader', async (t) => {
  const { caller, callee } = await connected(t);
  caller.pause();
  callee.write('unread');
  callee.notify('soon');
  const [data] = (await once(caller, 'notice')) as [Buffer];
  t.equal(String(data), 'soon');
  t.equal(String(caller.read()), 'unread');
});

t.test('a caller may give one, too, also in messages', async (t) => {
  const options = { socketType: 'message' } as const;
  const { caller, callee } = await connected(t, options, options);
  const notice = once(callee, 'notice');
  caller.notify('leaving', { code: 0 });
  caller.write('a message');
  t.strictSame(await notice, [Buffer.from('leaving'), 0]);
  t.strictSame(await once(callee, 'data'), [Buffer.from('a message')]);
});

t.test('where it cannot be said', async (t) => {
  const { port } = await serve(t, {}, (socket) => socket.resume());
  const socket = dial(port, '127.0.0.1');
  t.equal(socket.notify('early'), false, 'while connecting');
  t.equal(new Socket().notify(), false, 'without a connection');
  await once(socket, 'connect');
  t.throws(() => socket.notify('x'.repeat(4097)), {
    code: 'EMSGSIZE',
    message: 'the notice has 4097 octets, the peer takes 4096',
  });
  t.throws(() => socket.notify(7 as unknown as string), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
  t.throws(() => socket.notify('x', { code: -1 }), {
    code: 'ERR_OUT_OF_RANGE',
  });
  const word = socket.disconnect();
  await once(socket, 'finish');
  t.equal(socket.notify('late'), false, 'behind the last word');
  await word;
  t.equal(socket.notify('late'), false, 'behind the end');
});

t.test('a plain peer receives nothing', async (t) => {
  const { server, port } = await serve(t, { allowPlain: true });
  const coming = once(server, 'connection');
  const peer = netConnect(port, '127.0.0.1');
  peer.write('GET /');
  const [socket] = (await coming) as [Socket];
  t.equal(socket.notify('soon'), false);
  socket.end();
  let octets = 0;
  peer.on('data', (data: Buffer) => {
    octets += data.length;
  });
  peer.end();
  await once(peer, 'close');
  t.equal(octets, 0);
});

t.test('a peer that does not support it continues', async (t) => {
  // Like a peer of an earlier build, which skips unknown frames.
  const { server, port } = await serve(t);
  const coming = once(server, 'connection');
  const peer = netConnect(port, '127.0.0.1');
  t.teardown(() => peer.destroy());
  peer.write(call());
  const [socket] = (await coming) as [Socket];
  t.equal(socket.notify('soon'), true);
  peer.write(disconnectFrame('bye'));
  const [word] = (await once(socket.resume(), 'disconnect')) as [Buffer];
  t.equal(String(word), 'bye');
});

t.test('an error of a listener costs no data', async (t) => {
  const { caller, callee } = await connected(t);
  const thrown = new Promise((resolve) => {
    process.once('uncaughtException', resolve);
  });
  caller.on('notice', () => {
    throw new Error('a listener');
  });
  callee.notify();
  callee.write('behind');
  t.match(await thrown, { message: 'a listener' });
  t.equal(String((await once(caller, 'data'))[0]), 'behind');
});

/** A callee that says all of it in one segment. */
async function hasty(t: Test, ...behind: Buffer[]): Promise<number> {
  const server = createNetServer((peer) => {
    peer.on('error', () => {});
    peer.write(Buffer.concat([calleePreface, acceptFrame(), ...behind]));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as { port: number }).port;
}

const soon = control(FrameType.NOTICE, { userData: Buffer.from('soon') });

t.test('a notice in the segment of ACCEPT comes after connect', async (t) => {
  const port = await hasty(t, soon, frame(FrameType.DATA, 'data'));
  const socket = dial(port, '127.0.0.1');
  const order: string[] = [];
  for (const event of ['connect', 'notice', 'data']) {
    socket.on(event, () => order.push(event));
  }
  await once(socket, 'data');
  t.same(order, ['connect', 'notice', 'data']);
  socket.resetAndDestroy();
});

t.test('it is reported once to code that awaited the connection', async (t) => {
  const coded = control(FrameType.NOTICE, { code: 7 });
  const socket = await connect({ port: await hasty(t, soon, coded) });
  const heard: unknown[] = [];
  const told = new Promise<void>((resolve) => {
    socket.on('notice', (...said) => {
      heard.push(said);
      if (heard.length === 2) resolve();
    });
  });
  await told;
  await new Promise(setImmediate);
  t.strictSame(heard, [[Buffer.from('soon')], [undefined, 7]]);
  t.equal(socket.listenerCount('notice'), 1);
  socket.resetAndDestroy();
});

t.test('a drain gives notice first', async (t) => {
  const { server, port } = await serve(t);
  server.on('connection', (socket: Socket) => socket.resume());
  const leaving = await connect({ port, host: '127.0.0.1' });
  const staying = await connect({ port, host: '127.0.0.1' });
  const heard: string[] = [];
  leaving.on('notice', (data) => {
    heard.push(`leaving: ${String(data)}`);
    void leaving.disconnect('done already');
  });
  staying.on('notice', (data) => heard.push(`staying: ${String(data)}`));
  staying.answer = (data) => `you said ${String(data)}`;
  staying.resume();
  await new Promise<void>((resolve) => {
    staying.write('work', () => {
      resolve();
    });
  });
  while (server.metrics().connections < 2) await new Promise(setImmediate);
  const { answers, ...counts } = await server.drain({
    notice: 'soon',
    noticePeriod: 300,
    data: 'now',
  });
  t.same(heard.toSorted(), ['leaving: soon', 'staying: soon']);
  t.match(counts, { connections: 2, ended: 2, answered: 2, failed: 0 });
  t.same([...answers.values()].map(String).toSorted(), [
    'done already',
    'you said now',
  ]);
});

t.test('the notice is over when no peer is left', async (t) => {
  const { server, port } = await serve(t);
  server.on('connection', (socket: Socket) => socket.resume());
  const client = await connect({ port, host: '127.0.0.1' });
  client.on('notice', () => void client.disconnect());
  while (server.metrics().connections < 1) await new Promise(setImmediate);
  // Without that the test would take an hour.
  const counts = await server.drain({ notice: '', noticePeriod: 3_600_000 });
  t.match(counts, { connections: 1, ended: 1 });
  t.match(await (await serve(t)).server.drain({ noticePeriod: 3_600_000 }), {
    connections: 0,
  });
});

t.test('a deadline, and a signal, cut the notice short', async (t) => {
  for (const options of [
    { deadline: 50 },
    { signal: AbortSignal.timeout(50) },
    { signal: AbortSignal.abort() },
  ]) {
    const { server, port } = await serve(t);
    const client = await connect({ port, host: '127.0.0.1' });
    client.on('error', () => {});
    client.resume();
    while (server.metrics().connections < 1) await new Promise(setImmediate);
    const noticePeriod = 3_600_000;
    t.match(await server.drain({ ...options, noticePeriod }), { aborted: 1 });
  }
});

t.test('clients that take less receive it without data', async (t) => {
  const { server, port } = await serve(t);
  const client = await connect({ port, host: '127.0.0.1', userDataLimit: 2 });
  // On a busy machine the drain's deadline aborts it.
  client.on('error', () => {});
  const closed = new Promise((resolve) => client.once('close', resolve));
  const notice = once(client, 'notice');
  client.resume();
  while (server.metrics().connections < 1) await new Promise(setImmediate);
  const drained = server.drain({ notice: 'soon', deadline: 20 });
  t.strictSame(await notice, [undefined]);
  await drained;
  await closed;
});

t.test('invalid options of a drain', async (t) => {
  const { server } = await serve(t);
  for (const [options, code] of [
    [{ notice: 7 }, 'ERR_INVALID_ARG_TYPE'],
    [{ noticePeriod: '1' }, 'ERR_INVALID_ARG_TYPE'],
    [{ noticePeriod: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ noticePeriod: Number.NaN }, 'ERR_OUT_OF_RANGE'],
  ] as const) {
    await t.rejects(server.drain(options as object), { code });
  }
  t.ok(server.listening);
});
