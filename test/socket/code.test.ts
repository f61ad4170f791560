import { once } from 'node:events';
import t from 'tap';
import {
  connect as dial,
  reject,
  type Socket,
  type WinsockError,
} from '../../src/index.js';
import { connect } from '../../src/promises.js';
import { control, call, calleePreface, acceptFrame } from '../support/wire.js';
import { connected, serve } from '../support/serve.js';
import { FrameType } from '../../src/provider/framed/wire.js';
import { connect as netConnect, createServer } from 'node:net';

// The application's number beside a last word and a refusal.

t.test('beside a last word', async (t) => {
  for (const [data, code] of [
    ['bye', 1000],
    [undefined, 0],
    ['most', 0xffffffff],
    ['none', undefined],
  ] as const) {
    await t.test(`${data}, ${code}`, async (t) => {
      const { caller, callee } = await connected(t);
      t.equal(callee.disconnectCode, undefined);
      const heard: unknown[] = [];
      callee.on('disconnect', (...said) => {
        heard.push(...said);
        void callee.disconnect('then', { code: 7 });
      });
      callee.resume();
      const answer = caller.disconnect(data, { code });
      t.equal(String(await answer), 'then');
      t.strictSame(heard[0], data && Buffer.from(data));
      t.equal(heard[1], code);
      t.equal(callee.disconnectCode, code);
      t.equal(caller.disconnectCode, 7);
    });
  }
});

t.test('it is sent once, and refused after the end', async (t) => {
  const { caller, callee } = await connected(t);
  callee.resume();
  const first = caller.disconnect('bye', { code: 1 });
  await t.rejects(caller.disconnect(undefined, { code: 2 }), {
    code: 'ESHUTDOWN',
  });
  await first;
  t.equal(callee.disconnectCode, 1);
});

t.test('invalid codes', async (t) => {
  const { caller } = await connected(t);
  for (const code of [-1, 1.5, 2 ** 32, Number.NaN]) {
    await t.rejects(caller.disconnect('x', { code }), {
      code: 'ERR_OUT_OF_RANGE',
    });
    t.throws(() => reject('x', { code }), { code: 'ERR_OUT_OF_RANGE' });
  }
  await t.rejects(caller.disconnect('x', { code: '1' as never }), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
  t.throws(() => reject('x', { mayRepeat: 1 as never }), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
  t.throws(() => reject('x', null as never), { code: 'ERR_INVALID_ARG_TYPE' });
});

t.test('beside a refusal, with its advice on another call', async (t) => {
  for (const said of [
    { code: 503, mayRepeat: true },
    { code: 0, mayRepeat: false },
    {},
  ]) {
    const { port } = await serve(t, { condition: () => reject('busy', said) });
    const error = await connect({ port }).then(
      () => undefined,
      (reason: WinsockError) => reason,
    );
    t.equal(String(error?.rejectData), 'busy');
    t.equal(error?.rejectCode, said.code);
    t.equal(error?.mayRepeat, said.mayRepeat);
    t.equal('rejectCode' in error!, 'code' in said);
  }
});

t.test('a drain says one to all', async (t) => {
  const { server, caller } = await connected(t, { allowPlain: true });
  const plain = netConnect((server.address() as { port: number }).port);
  t.teardown(() => plain.destroy());
  const came = once(server, 'connection');
  plain.write('plain');
  await came;
  plain.resume();
  caller.resume();
  const drained = server.drain({ data: 'closing', code: 42 });
  t.match(await drained, { connections: 2, ended: 2, failed: 0 });
  t.equal(String(caller.disconnectData), 'closing');
  t.equal(caller.disconnectCode, 42);
});

t.test('to a plain peer it is an error of the call', async (t) => {
  const { server, port } = await serve(t, { allowPlain: true });
  const came = once(server, 'connection');
  const plain = netConnect(port);
  t.teardown(() => plain.destroy());
  plain.write('plain');
  const [callee] = (await came) as [Socket];
  await t.rejects(callee.disconnect(undefined, { code: 1 }), {
    code: 'ENOPROTOOPT',
  });
  t.notOk(callee.destroyed);
});

t.test('with a reset', async (t) => {
  const peers = createServer((peer) => {
    peer.on('error', () => {});
    peer.once('data', () => {
      peer.write(calleePreface);
      peer.write(acceptFrame());
      peer.end(control(FrameType.RESET, { status: 10054, code: 99 }));
    });
  });
  peers.listen(0, '127.0.0.1');
  await once(peers, 'listening');
  t.teardown(() => peers.close());
  const { port } = peers.address() as { port: number };
  const socket = dial({ host: '127.0.0.1', port });
  const [error] = (await once(socket, 'error')) as [WinsockError];
  t.equal(error.code, 'ECONNRESET');
  t.equal(error.resetCode, 99);
});

t.test('beside an answer', async (t) => {
  for (const [reply, data, code] of [
    [{ data: 'total', code: 1001 }, 'total', 1001],
    [{ data: Buffer.from('total') }, 'total', undefined],
    [{ code: 0 }, undefined, 0],
    [{ data: '', code: 0xffffffff }, undefined, 0xffffffff],
    [{ data: undefined, code: undefined }, undefined, undefined],
    ['total', 'total', undefined],
  ] as const) {
    for (const answer of [() => reply, async () => reply]) {
      const { caller } = await connected(t, { answer });
      const word = await caller.disconnect('bye', { code: 5 });
      t.equal(word?.toString(), data);
      t.equal(caller.disconnectCode, code);
    }
  }
  const { caller, callee } = await connected(
    t,
    {},
    { answer: () => ({ data: 'of the caller', code: 8 }) },
  );
  caller.resume();
  t.equal(String(await callee.disconnect()), 'of the caller');
  t.equal(callee.disconnectCode, 8);
});

t.test('an invalid answer resets', async (t) => {
  for (const [reply, code] of [
    [{ data: 'x', code: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ code: '7' }, 'ERR_INVALID_ARG_TYPE'],
    [{ data: 7, code: 7 }, 'ERR_INVALID_ARG_TYPE'],
    [{ word: 'x' }, 'ERR_INVALID_ARG_TYPE'],
    [{}, 'ERR_INVALID_ARG_TYPE'],
  ] as const) {
    const { caller, callee } = await connected(t, {
      answer: () => reply as never,
    });
    const failed = once(callee, 'error');
    await t.rejects(caller.disconnect('bye'), { code: 'ECONNRESET' });
    t.match(await failed, [{ code }]);
  }
});

t.test('an answer with one that is too long, or to a plain peer', async (t) => {
  const answer = () => ({ data: 'x'.repeat(11), code: 9 });
  const { caller, callee } = await connected(
    t,
    { answer },
    { userDataLimit: 10 },
  );
  const failed = once(callee, 'error');
  t.equal(await caller.disconnect(), undefined);
  t.equal(caller.disconnectCode, undefined, 'nothing of it is said');
  t.match(await failed, [{ code: 'EMSGSIZE' }]);

  const { port } = await serve(t, { answer, allowPlain: true }, (socket) =>
    socket.resume(),
  );
  const plain = netConnect(port);
  plain.end('plain');
  const octets: Buffer[] = [];
  for await (const chunk of plain) octets.push(chunk as Buffer);
  t.equal(Buffer.concat(octets).length, 0);
});

t.test('beside an abort', async (t) => {
  for (const isCallee of [false, true]) {
    for (const code of [99, 0, undefined]) {
      const { caller, callee } = await connected(t);
      const [subject, peer] = isCallee ? [callee, caller] : [caller, callee];
      const failed = once(peer, 'error');
      subject.resetAndDestroy(code === undefined ? {} : { code });
      const [error] = (await failed) as [WinsockError];
      t.equal(error.code, 'ECONNRESET');
      t.equal(error.resetCode, code);
    }
  }
});

t.test('beside the abort of a connection under way', async (t) => {
  const { server, port } = await serve(t);
  const came = once(server, 'connection');
  const caller = dial({ port });
  caller.resetAndDestroy({ code: 12 });
  const [callee] = (await came) as [Socket];
  const [error] = (await once(callee, 'error')) as [WinsockError];
  t.equal(error.resetCode, 12);
});

t.test('an abort with an invalid code changes nothing', async (t) => {
  const { caller, callee } = await connected(t);
  for (const [options, code] of [
    [{ code: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ code: '1' }, 'ERR_INVALID_ARG_TYPE'],
    [null, 'ERR_INVALID_ARG_TYPE'],
    [7, 'ERR_INVALID_ARG_TYPE'],
  ] as const) {
    t.throws(() => caller.resetAndDestroy(options as never), { code });
  }
  t.notOk(caller.destroyed);
  callee.resume();
  t.equal(await caller.disconnect(), undefined);
});

t.test('codes that a raw peer receives', async (t) => {
  const { server, port } = await serve(t);
  const came = once(server, 'connection');
  const peer = netConnect({ port, allowHalfOpen: true });
  t.teardown(() => peer.destroy());
  peer.write(call());
  const [callee] = (await came) as [Socket];
  const octets: Buffer[] = [];
  peer.on('data', (chunk: Buffer) => octets.push(chunk));
  const frame = control(FrameType.DISCONNECT, {
    userData: Buffer.from('bye'),
    code: 1000,
  });
  void callee.disconnect('bye', { code: 1000 });
  peer.write(control(FrameType.DISCONNECT, {}));
  await once(peer, 'end');
  peer.end();
  t.ok(Buffer.concat(octets).includes(frame));
  t.ok(frame.includes(Buffer.from('880004000003e8', 'hex')));
});
