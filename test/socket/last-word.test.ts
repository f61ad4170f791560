import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { connect, type Socket } from '../../src/index.js';
import { connected, record, serve } from '../support/serve.js';

t.test('disconnect resolves to the answer', async (t) => {
  const { caller, callee } = await connected(t);
  callee.answer = (data) => `heard: ${String(data)}`;
  const seen = record(caller, 'data', 'disconnect', 'end', 'close');
  const closed = once(caller, 'close');
  const word = await caller.disconnect('bye');
  t.equal(String(word), 'heard: bye');
  t.equal(caller.disconnected, true);
  await closed;
  t.strictSame(seen, ['disconnect heard: bye', 'end', 'close']);
});

t.test('written data goes before the last word', async (t) => {
  const { caller, callee } = await connected(t);
  const seen = record(callee, 'data', 'disconnect', 'end');
  caller.write('one');
  caller.write('two');
  await caller.disconnect('three');
  t.equal(
    seen
      .filter((s) => s.startsWith('data'))
      .join('')
      .replaceAll('data ', ''),
    'onetwo',
  );
  t.strictSame(seen.slice(-2), ['disconnect three', 'end']);
});

t.test('the peer continues to send after our last word', async (t) => {
  const { caller, callee } = await connected(t, { allowHalfOpen: true });
  callee.resume().on('disconnect', () => {
    callee.write('still ');
    callee.write('here');
    void callee.disconnect('done');
  });
  let text = '';
  caller.setEncoding('utf8').on('data', (data) => (text += data));
  t.equal(String(await caller.disconnect('done?')), 'done');
  t.equal(text, 'still here');
});

t.test('without a reader disconnect drops incoming data', async (t) => {
  const { caller, callee } = await connected(t);
  callee.answer = () => 'end';
  callee.write(Buffer.alloc(1 << 20));
  t.equal(String(await caller.disconnect()), 'end');
});

t.test('an async reader gets all of it, then the last word', async (t) => {
  const { caller, callee } = await connected(t);
  callee.end('data');
  const pieces: Buffer[] = [];
  let word: unknown;
  caller.on('disconnect', (data) => (word = data));
  for await (const piece of caller) pieces.push(piece as Buffer);
  t.equal(String(Buffer.concat(pieces)), 'data');
  t.equal(word, undefined);
});

t.test('both say their last word at once', async (t) => {
  const { caller, callee } = await connected(t);
  const words = await Promise.all([
    caller.disconnect('from the caller'),
    callee.disconnect('from the callee'),
  ]);
  t.strictSame(words.map(String), ['from the callee', 'from the caller']);
});

t.test('an empty last word means no last word', async (t) => {
  const { caller, callee } = await connected(t);
  let heard: unknown = 'nothing';
  callee.on('disconnect', (data) => (heard = data)).resume();
  t.equal(await caller.disconnect(new Uint8Array(0)), undefined);
  t.equal(heard, undefined);
});

t.test('a second disconnect', async (t) => {
  const { caller, callee } = await connected(t);
  callee.answer = () => 'once';
  const first = caller.disconnect('bye');
  await t.rejects(caller.disconnect('bye again'), {
    code: 'ESHUTDOWN',
    winsock: { name: 'WSAESHUTDOWN', code: 10058 },
  });
  t.equal(String(await caller.disconnect()), 'once', 'without data: the same');
  t.equal(String(await first), 'once');
  t.equal(String(await caller.disconnect()), 'once', 'and afterwards');
});

t.test('a last word that the peer does not take harms nothing', async (t) => {
  const { caller, callee } = await connected(t, { userDataLimit: 4 });
  callee.answer = (data) => data?.toString();
  await t.rejects(caller.disconnect('12345'), { code: 'EMSGSIZE' });
  t.equal(String(await caller.disconnect('1234')), '1234');
});

t.test('a last word that is too long, said too early', async (t) => {
  const { port } = await serve(t, { userDataLimit: 4 }, (callee) => {
    callee.answer = (data) => data?.toString();
    callee.resume();
  });
  const caller = connect({ port, host: '127.0.0.1' });
  t.teardown(() => {
    caller.resetAndDestroy();
  });
  await t.rejects(caller.disconnect('12345'), {
    code: 'EMSGSIZE',
    message: /has 5 octets, .* takes 4/,
  });
  t.equal(String(await caller.disconnect('1234')), '1234');
});

t.test('a socket that never connected has no last word', async (t) => {
  const { Socket } = await import('../../src/index.js');
  await t.rejects(new Socket().disconnect('x'), { code: 'ENOTCONN' });
});

t.test('disconnect rejects', async (t) => {
  const cases: {
    name: string;
    options?: { deadline?: number; signal?: AbortSignal };
    act?: (callee: Socket) => void;
    error: object;
  }[] = [
    {
      name: 'at the deadline',
      options: { deadline: 20 },
      error: { code: 'ETIMEDOUT' },
    },
    {
      name: 'when it is aborted',
      options: { signal: AbortSignal.timeout(20) },
      error: { name: 'AbortError', code: 'ABORT_ERR' },
    },
    {
      name: 'when it is aborted before it begins',
      options: { signal: AbortSignal.abort() },
      error: { name: 'AbortError' },
    },
    {
      name: 'when the peer resets',
      act: (callee) => callee.resetAndDestroy(),
      error: { code: 'ECONNRESET', winsock: { name: 'WSAECONNRESET' } },
    },
  ];
  for (const { name, options, act, error } of cases) {
    await t.test(name, async (t) => {
      const { caller, callee } = await connected(t, { allowHalfOpen: true });
      callee.on('error', () => {}).resume();
      const said = caller.disconnect('bye', options);
      act?.(callee);
      await t.rejects(said, error as Error);
    });
  }
});

t.test('destroy says goodbye in the background', async (t) => {
  const { caller, callee } = await connected(t);
  const seen = record(callee, 'disconnect', 'end');
  let length = 0;
  callee.on('data', (data: Buffer) => (length += data.length));
  callee.write(Buffer.alloc(8192));
  await nextTurn();
  caller.write(Buffer.alloc(300_000));
  caller.destroy();
  t.equal(caller.destroyed, true);
  await Promise.all([once(caller, 'close'), once(callee, 'end')]);
  t.equal(length, 300_000);
  t.strictSame(seen, ['disconnect undefined', 'end']);
});

t.test('linger 0 makes destroy a reset', async (t) => {
  const { caller, callee } = await connected(t, {}, { linger: 0 });
  const failed = once(callee, 'error');
  caller.destroy();
  t.match(await failed, [{ code: 'ECONNRESET', syscall: 'read' }]);
});

t.test('a listener that throws loses no later event', async (t) => {
  const { caller, callee } = await connected(t);
  const uncaught = new Promise((resolve) => {
    process.once('uncaughtException', resolve);
  });
  // tap listens too; it must not see this one.
  const listeners = process.listeners('uncaughtException').slice(0, -1);
  for (const l of listeners) process.off('uncaughtException', l);
  t.teardown(() => {
    for (const l of listeners) process.on('uncaughtException', l);
  });
  callee.once('data', () => {
    throw new Error('from a listener');
  });
  const seen = record(callee, 'disconnect', 'end');
  caller.write('data');
  await caller.disconnect('all the same');
  t.match(await uncaught, { message: 'from a listener' });
  t.strictSame(seen, ['disconnect all the same', 'end']);
});

t.test('a reset right after an end leaves nothing open', async (t) => {
  const { server, caller, callee } = await connected(t);
  callee.on('error', () => {}).resume();
  caller.end('x');
  await once(callee, 'end');
  callee.end();
  callee.resetAndDestroy();
  await once(callee, 'close');
  const closed = once(server, 'close');
  server.close();
  caller.destroy();
  await closed;
});

t.test('a signal that is aborted already ends nothing', async (t) => {
  const { caller, callee } = await connected(t);
  callee.resume();
  const signal = AbortSignal.abort();
  await t.rejects(caller.disconnect('bye', { signal }), { name: 'AbortError' });
  t.equal(caller.writable, true);
  const heard = once(callee, 'disconnect');
  await caller.disconnect('goodbye');
  t.equal(String((await heard)[0]), 'goodbye');
});
