import { spawn } from 'node:child_process';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { BlockList } from 'node:net';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import t from 'tap';
import net, {
  Socket,
  WinsockError,
  connect,
  createServer,
  reject,
  type ConnectMessage,
  type DisconnectMessage,
  type DrainMessage,
  type VerdictMessage,
} from '../../src/index.js';
import { connect as connected, listen } from '../../src/promises.js';
import { connected as connectedPair, serve } from '../support/serve.js';

t.test('options are checked', (t) => {
  const cases: [object, string][] = [
    [{ userDataLimit: 65_536 }, 'ERR_OUT_OF_RANGE'],
    [{ userDataLimit: '5' }, 'ERR_INVALID_ARG_TYPE'],
    [{ handshakeTimeout: 1.5 }, 'ERR_OUT_OF_RANGE'],
    [{ allowPlain: 1 }, 'ERR_INVALID_ARG_TYPE'],
    [{ provider: 'none such' }, 'ERR_INVALID_ARG_VALUE'],
    [{ provider: 5 }, 'ERR_INVALID_ARG_TYPE'],
    [{ socketType: 'datagram' }, 'ERR_INVALID_ARG_VALUE'],
    [{ linger: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ answer: 'x' }, 'ERR_INVALID_ARG_TYPE'],
    [{ keepAliveInitialDelay: 'x' }, 'ERR_INVALID_ARG_TYPE'],
  ];
  for (const [options, code] of cases) {
    t.throws(() => createServer(options), { code }, JSON.stringify(options));
    t.throws(() => connect({ port: 1, ...options }), { code });
  }
  t.throws(() => createServer({ condition: 5 } as never), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
  t.throws(() => connect({ port: 1, callerData: 5 } as never), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
  t.throws(() => connect({ stream: {} } as never), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
  t.throws(() => connect({ path: '' } as never), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
  t.throws(() => reject(5 as never), { code: 'ERR_INVALID_ARG_TYPE' });
  t.end();
});

t.test('options set later are checked', (t) => {
  const socket = new Socket();
  const wrong: ['linger' | 'answer', unknown, string][] = [
    ['linger', -1, 'ERR_OUT_OF_RANGE'],
    ['linger', 65_536, 'ERR_OUT_OF_RANGE'],
    ['linger', Infinity, 'ERR_OUT_OF_RANGE'],
    ['linger', Number.NaN, 'ERR_OUT_OF_RANGE'],
    ['linger', '5', 'ERR_INVALID_ARG_TYPE'],
    ['linger', Symbol('5'), 'ERR_INVALID_ARG_TYPE'],
    ['answer', 'bye', 'ERR_INVALID_ARG_TYPE'],
    ['answer', {}, 'ERR_INVALID_ARG_TYPE'],
  ];
  for (const [name, value, code] of wrong) {
    t.throws(() => Object.assign(socket, { [name]: value }), {
      code,
      message: new RegExp(`socket\\.${name}`),
    });
    t.equal(socket[name], undefined);
  }
  socket.linger = 5;
  t.equal(socket.linger, 5);
  for (const none of [null, false, undefined]) {
    Object.assign(socket, { linger: none, answer: none });
    t.equal(socket.linger, undefined);
    t.equal(socket.answer, undefined);
  }
  t.end();
});

t.test('disconnect() and drain() check their options', async (t) => {
  const { server, caller, callee } = await connectedPair(t);
  callee.answer = () => 'answered';
  callee.resume();
  const wrong = [null, 5, 'x', { signal: {} }, { signal: { aborted: false } }];
  for (const options of wrong as never[]) {
    const expected = { code: 'ERR_INVALID_ARG_TYPE' };
    await t.rejects(caller.disconnect('x', options), expected);
    await t.rejects(server.drain(options), expected);
  }
  for (const none of [null, false] as const) {
    const options = { deadline: none, signal: none, code: none };
    t.equal(String(await caller.disconnect(undefined, options)), 'answered');
    t.match(await server.drain({ ...options, noticePeriod: none }), {});
  }
});

t.test('an invalid local end is not asked for', async (t) => {
  const { port } = await serve(t);
  for (const none of [false, 0, NaN, '', null, undefined] as never[]) {
    const options = { port, localAddress: none, localPort: none };
    (await connected(options)).destroy();
  }
});

t.test('limits reach the provider', async (t) => {
  const { port } = await serve(t, { userDataLimit: 3 });
  await t.rejects(connected({ port, callerData: 'long' }), {
    code: 'EFAULT',
    syscall: 'connect',
  });
  await t.rejects(connected({ port, callerData: Buffer.alloc(70_000) }), {
    code: 'EFAULT',
  });
  const silent = createServer();
  silent.adopt(new PassThrough());
  t.equal(silent.statistics?.pending, 1);
  silent.close();
  await t.rejects(
    connected({ stream: new PassThrough() }),
    { code: 'EPROTONOSUPPORT', violation: 'bad-role' },
    'a stream that speaks to itself',
  );
});

t.test('connect gives up in time', async (t) => {
  const { port } = await serve(t, { condition: () => new Promise(() => {}) });
  await t.rejects(connected({ port, connectTimeout: 20 }), {
    code: 'ETIMEDOUT',
    winsock: { name: 'WSAETIMEDOUT', code: 10060 },
    message: /20 ms/,
  });
});

t.test('a connection under way is reported', async (t) => {
  const { port } = await serve(t);
  const socket = connect({ port, host: 'localhost', autoSelectFamily: true });
  const seen: unknown[] = [];
  for (const event of ['lookup', 'connectionAttempt', 'connect', 'ready']) {
    socket.on(event, () => seen.push(event));
  }
  await once(socket, 'ready');
  t.equal(seen[0], 'lookup');
  t.strictSame(seen.slice(-3), ['connectionAttempt', 'connect', 'ready']);
  socket.destroy();
});

t.test('blocked addresses are not connected to', async (t) => {
  const blockList = new BlockList();
  blockList.addSubnet('127.0.0.0', 8);
  blockList.addAddress('::1', 'ipv6');
  const error = { code: 'ERR_IP_BLOCKED' };
  await t.rejects(connected({ port: 1, host: '127.0.0.1', blockList }), error);
  for (const autoSelectFamily of [true, false]) {
    await t.rejects(
      connected({ port: 1, host: 'localhost', blockList, autoSelectFamily }),
      error,
    );
  }
});

t.test('an error of all addresses names each', async (t) => {
  const socket = connect({
    port: 1,
    host: 'both',
    autoSelectFamily: true,
    lookup: (_name, _options, callback) => {
      process.nextTick(callback, null, [
        { address: '::1', family: 6 },
        { address: '127.0.0.1', family: 4 },
      ]);
    },
  });
  const error = await new Promise<WinsockError & { errors: Error[] }>(
    (resolve) => {
      socket.once('error', (told) => {
        resolve(told as never);
      });
    },
  );
  t.strictSame(socket.autoSelectFamilyAttemptedAddresses, [
    '::1:1',
    '127.0.0.1:1',
  ]);
  t.equal(error.errors.length, 2);
  t.equal(error.code, 'ECONNREFUSED');
});

t.test('a signal that is aborted before connecting', async (t) => {
  const signal = AbortSignal.abort();
  for (const make of [
    () => connect({ port: 1, signal }),
    () => new Socket({ signal }),
  ]) {
    const socket = make();
    const failed = once(socket, 'error');
    t.equal(socket.destroyed, true);
    t.match(await failed, [{ name: 'AbortError' }]);
  }
});

t.test('connecting twice is an error of the socket', async (t) => {
  const { caller, port } = await connectedPair(t);
  const failed = once(caller, 'error');
  caller.connect(port);
  t.match(await failed, [{ code: 'EISCONN' }]);
  const second = connect(port);
  const alsoFailed = once(second, 'error');
  second.connect(port);
  t.match(await alsoFailed, [{ code: 'EALREADY' }]);
});

t.test('settings may be made at any time', async (t) => {
  const { port } = await serve(t, { noDelay: true, keepAlive: true });
  const socket = new Socket({ keepAlive: true, keepAliveInitialDelay: -5 });
  t.equal(
    socket.setNoDelay().setKeepAlive(true, 1000).ref().unref().ref(),
    socket,
  );
  socket.setTimeout(10_000).connect(port);
  await once(socket, 'connect');
  t.equal(socket.setNoDelay(false).setKeepAlive().unref().ref(), socket);
  socket.destroy();
  const server = createServer().unref().ref();
  await listen(server);
  server.unref().ref().close();
});

t.test('diagnostics channels', async (t) => {
  const seen: string[] = [];
  const subscribe = (name: string, tell: (message: never) => string) => {
    const listener = (message: unknown) => seen.push(tell(message as never));
    channel(name).subscribe(listener);
    t.teardown(() => channel(name).unsubscribe(listener));
  };
  subscribe('goodbyte:connect', ({ error }: ConnectMessage) =>
    error ? `connect ${(error as WinsockError).code}` : 'connect',
  );
  subscribe('goodbyte:verdict', (m: VerdictMessage) => m.verdict);
  subscribe(
    'goodbyte:disconnect',
    (m: DisconnectMessage) => `${m.direction} ${String(m.data)}`,
  );
  subscribe(
    'goodbyte:drain',
    ({ counts }: DrainMessage) => `drain ${counts.connections}`,
  );
  const { server, port } = await serve(t, {
    condition: ({ callerData }) =>
      callerData ? reject() : (undefined as never),
  });
  server.on('conditionError', () => {});
  await t.rejects(connected({ port }));
  await t.rejects(connected({ port, callerData: 'x' }));
  server.condition = undefined;
  const socket = await connected({ port });
  await socket.disconnect('bye');
  await server.drain();
  t.strictSame(seen.toSorted(), [
    'accept',
    'connect',
    'connect ECONNREFUSED',
    'connect ECONNREFUSED',
    'drain 0',
    'error',
    'received bye',
    'received undefined',
    'reject',
    'sent bye',
    'sent undefined',
  ]);
});

t.test('a process that ends says its last word first', async (t) => {
  const program = path.join(
    import.meta.dirname,
    '../support/answer-and-exit.js',
  );
  for (const how of ['destroy', 'disconnect']) {
    const { server, port } = await serve(t);
    const accepted = once(server, 'connection');
    const child = spawn(process.execPath, [program, `${port}`, how], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const exited = once(child, 'exit');
    const [socket] = (await accepted) as [Socket];
    let length = 0;
    socket.on('data', (data: Buffer) => (length += data.length));
    const [word] = (await once(socket, 'disconnect')) as [Buffer | undefined];
    t.equal(length, 2 * 1024 * 1024);
    t.equal(
      word?.toString(),
      how === 'destroy' ? undefined : 'from a process at its end',
    );
    t.strictSame(await exited, [0, null]);
  }
});

t.test('an error says everything and shows nothing raw', (t) => {
  const cause = Object.assign(new Error('connect ECONNREFUSED ::1:5'), {
    code: 'ECONNREFUSED',
    errno: -111,
    syscall: 'connect',
    address: '::1',
    port: 5,
  });
  const error = new WinsockError(10061, { cause });
  t.match(error, {
    name: 'Error',
    message: 'connect ECONNREFUSED ::1:5',
    code: 'ECONNREFUSED',
    errno: -111,
    syscall: 'connect',
    address: '::1',
    port: 5,
    cause,
    winsock: { name: 'WSAECONNREFUSED', code: 10061 },
  });
  t.equal(
    new WinsockError(10054, { syscall: 'read', detail: 'a\u001b[2J\n\u202eb' })
      .message,
    'read ECONNRESET: a\\u{1b}[2J\\u{a}\\u{202e}b',
  );
  t.strictSame(Object.keys(new WinsockError(12345)), [
    'errno',
    'code',
    'winsock',
  ]);
  t.equal(new WinsockError(10101).code, 'EDISCON');
  t.end();
});

t.test('classes may be called without new, and extended', (t) => {
  const { Server, Socket: Callable } = connectModule();
  t.ok(Server() instanceof Server);
  t.ok(Callable() instanceof Callable);
  class Mine extends Socket {}
  t.ok(new Mine() instanceof Socket);
  t.equal(new Mine().constructor, Mine);
  t.end();
});

function connectModule(): {
  Server: (() => object) & (new () => object);
  Socket: (() => object) & (new () => object);
} {
  return net as never;
}
