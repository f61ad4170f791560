import { on, once, type EventEmitter } from 'node:events';
import { connect as netConnect, type Socket as NetSocket } from 'node:net';
import { PassThrough, pipeline } from 'node:stream';
import t, { type Test } from 'tap';
import { accept, reject, type Socket } from '../../src/index.js';
import { connect } from '../../src/promises.js';
import { FrameType } from '../../src/provider/framed/wire.js';
import type { ServerOptions } from '../../src/server/options.js';
import { flowspec, SERVICETYPE_GUARANTEED } from '../../src/vocabulary/qos.js';
import { serve } from '../support/serve.js';
import { uncaught } from '../support/uncaught.js';
import {
  call,
  control,
  disconnectFrame,
  frame,
  limits,
} from '../support/wire.js';

// No stranger may end a process: no server or accepted socket here has a listener for
// 'error'.

interface Stranger {
  name: string;
  options?: ServerOptions;
  /** Called with the accepted socket. */
  listener?: (socket: Socket) => void;
  /** The stranger's octets, and its way to leave. */
  says: Uint8Array;
  goes?: 'reset' | 'end';
  /** The event that reports it to the server. */
  told: [event: string, error: object];
}

const guaranteed = {
  sending: flowspec({ serviceType: SERVICETYPE_GUARANTEED }),
  receiving: flowspec(),
};

const strangers: Stranger[] = [
  {
    name: 'takes less callee data than the server has',
    options: { condition: () => accept({ calleeData: 'good morning' }) },
    says: call({ limits: { ...limits, handshakeData: 1 } }),
    told: ['handshakeError', { code: 'EFAULT', syscall: 'accept' }],
  },
  {
    name: 'takes less callee data than the server has, asynchronously',
    options: { condition: async () => accept({ calleeData: 'good morning' }) },
    says: call({ limits: { ...limits, handshakeData: 1 } }),
    told: ['handshakeError', { code: 'EFAULT', syscall: 'accept' }],
  },
  {
    name: 'takes less reject data than the server has',
    options: { condition: () => reject('unknown teller') },
    says: call({ limits: { ...limits, handshakeData: 1 } }),
    told: ['handshakeError', { code: 'EFAULT', syscall: 'accept' }],
  },
  {
    name: 'asks for an impossible guarantee',
    options: { condition: ({ sqos }) => accept({ sqos }) },
    says: call({ qos: guaranteed }),
    told: ['handshakeError', { code: 'EOPNOTSUPP', syscall: 'accept' }],
  },
  {
    name: 'resets',
    says: call(),
    goes: 'reset',
    told: ['connectionError', { code: 'ECONNRESET' }],
  },
  {
    name: 'resets an echo',
    listener: (socket) => socket.pipe(socket),
    says: Buffer.concat([call(), frame(FrameType.DATA, 'x')]),
    goes: 'reset',
    told: ['connectionError', { code: 'ECONNRESET' }],
  },
  {
    name: 'resets while two pipes lead to it',
    listener: (socket) => {
      new PassThrough().pipe(socket, { end: false });
      new PassThrough().pipe(socket.resume());
    },
    says: call(),
    goes: 'reset',
    told: ['connectionError', { code: 'ECONNRESET' }],
  },
  {
    name: 'says that it resets',
    says: Buffer.concat([call(), control(FrameType.RESET, {})]),
    told: ['connectionError', { code: 'ECONNRESET' }],
  },
  {
    name: 'resets, where a listener has taken all others away',
    listener: (socket) => socket.removeAllListeners(),
    says: call(),
    goes: 'reset',
    told: ['connectionError', { code: 'ECONNRESET' }],
  },
  {
    name: 'ends inside a frame',
    says: Buffer.concat([call(), frame(FrameType.DATA, 'cut').subarray(0, 5)]),
    goes: 'end',
    told: ['connectionError', { code: 'ECONNRESET' }],
  },
  {
    name: 'breaks the rules of framing',
    says: Buffer.concat([call(), frame(FrameType.CONNECT, '')]),
    told: ['connectionError', { code: 'ECONNRESET' }],
  },
  {
    name: 'takes less than the answer to its last word',
    options: { answer: () => 'grand total' },
    says: Buffer.concat([
      call({ limits: { ...limits, disconnectData: 1 } }),
      disconnectFrame('41'),
    ]),
    told: ['connectionError', { code: 'EMSGSIZE', syscall: 'disconnect' }],
  },
  {
    name: 'takes no message of that length',
    options: { socketType: 'message' },
    listener: (socket) => socket.write('longer than one octet'),
    says: call({ socketType: 5, limits: { ...limits, message: 1 } }),
    told: ['connectionError', { code: 'EMSGSIZE', syscall: 'write' }],
  },
  {
    name: 'ends before it is written to',
    listener: (socket) =>
      socket
        .resume()
        .on('end', () => queueMicrotask(() => socket.write('too late'))),
    says: Buffer.concat([call(), disconnectFrame()]),
    told: ['connectionError', { code: 'EPIPE' }],
  },
];

function callAt(t: Test, port: number): NetSocket {
  const stranger = netConnect(port, '127.0.0.1').on('error', () => {});
  t.teardown(() => stranger.destroy());
  return stranger.resume();
}

for (const { name, options, listener, says, goes, told } of strangers) {
  t.test(`a stranger that ${name} ends no server`, async (t) => {
    const errors = uncaught(t);
    const { server, port } = await serve(t, options, listener);
    const [event, error] = told;
    const tells = once(server, event);
    const stranger = callAt(t, port);
    stranger.write(says);
    if (goes === 'reset') {
      await once(server, 'connection');
      stranger.resetAndDestroy();
    } else if (goes === 'end') {
      stranger.end();
    }
    t.match(await tells, [error, {}]);

    server.condition = undefined;
    const socketType = options?.socketType;
    const honest = await connect({ port, host: '127.0.0.1', socketType });
    t.strictSame(errors, [], 'nothing is uncaught');
    honest.destroy();
  });
}

t.test('the caller is told of data that it did not take', async (t) => {
  const { server, port } = await serve(t, {
    condition: () => accept({ calleeData: 'good morning' }),
  });
  const small = { port, host: '127.0.0.1', userDataLimit: 1 };
  await t.rejects(connect(small), {
    code: 'EFAULT',
    message: /more data for its caller/,
  });
  const none = await connect({ ...small, userDataLimit: 0 });
  t.equal(none.calleeData, undefined, 'who takes none is sent none');
  none.destroy();
  server.condition = () => reject('unknown teller');
  await t.rejects(connect(small), {
    code: 'ECONNREFUSED',
    rejectData: undefined,
  });
});

t.test('callers beyond those that may wait end no server', async (t) => {
  const errors = uncaught(t);
  const { server, port } = await serve(t, {
    maxDeferred: 5,
    condition: () => new Promise(() => {}),
  });
  const told = on(server, 'handshakeError');
  const callers = Array.from({ length: 20 }, () =>
    connect({ port, host: '127.0.0.1' }).then(
      () => 'accepted',
      (error: NodeJS.ErrnoException) => error.code,
    ),
  );
  for (let count = 0; count < 15; count++) {
    const { value } = (await told.next()) as { value: unknown[] };
    t.match(value, [{ code: 'ENOBUFS' }, { address: '127.0.0.1' }]);
  }
  t.equal(server.statistics?.deferred, 5);
  server.close();
  t.strictSame(
    await Promise.all(callers),
    Array.from(callers, () => 'ECONNREFUSED'),
  );
  t.strictSame(errors, [], 'nothing is uncaught');
});

t.test('only a pipeline to a socket receives its error', async (t) => {
  let heard: (error: unknown) => void;
  const failed = new Promise((resolve) => (heard = resolve));
  const { server, port } = await serve(t, {}, (socket) => {
    pipeline(new PassThrough(), socket.resume(), (error) => heard(error));
  });
  server.on('connectionError', () => t.fail('the server receives it'));
  (await connect({ port })).resetAndDestroy();
  t.match(await failed, { code: 'ECONNRESET' });
  await new Promise((resolve) => server.close(resolve));
});

t.test('only a listener of error receives it', async (t) => {
  const { server, port } = await serve(t);
  server.on('connectionError', () => t.fail('somebody listens'));
  server.on('connection', (socket) => {
    socket.on('error', (error: Error) => server.emit('heard', error));
  });
  const heard = once(server, 'heard');
  const stranger = callAt(t, port);
  stranger.write(call());
  await once(server, 'connection');
  stranger.resetAndDestroy();
  t.match(await heard, [{ code: 'ECONNRESET' }]);
});

interface Local {
  name: string;
  options?: ServerOptions;
  listener?: (socket: Socket) => void;
  error: object;
}

const locals: Local[] = [
  {
    name: 'destroys a socket with its own error',
    listener: (socket) => socket.destroy(new Error('its own')),
    error: { message: 'its own' },
  },
  {
    name: 'throws instead of an answer',
    options: {
      answer: () => {
        throw new Error('no answer');
      },
    },
    error: { message: 'no answer' },
  },
  {
    name: 'writes after its own end',
    listener: (socket) => {
      socket.end();
      socket.write('more');
    },
    error: { code: 'ERR_STREAM_WRITE_AFTER_END' },
  },
  {
    name: 'throws instead of a verdict',
    options: {
      condition: () => {
        throw new Error('no verdict');
      },
    },
    error: { message: 'no verdict' },
  },
  {
    name: 'has more callee data than anyone takes',
    options: { condition: () => accept({ calleeData: 'x'.repeat(65_536) }) },
    error: { code: 'EFAULT' },
  },
  {
    name: 'grants an impossible guarantee',
    options: { condition: () => accept({ sqos: guaranteed }) },
    error: { code: 'EOPNOTSUPP' },
  },
];

for (const { name, options, listener, error } of locals) {
  t.test(`an application that ${name} is told`, async (t) => {
    const errors = uncaught(t);
    const { server, port } = await serve(t, options, listener);
    for (const event of ['handshakeError', 'connectionError']) {
      server.on(event, () => t.fail(event));
    }
    const thrown = once(process as EventEmitter, 'uncaughtException');
    const caller = callAt(t, port);
    caller.write(Buffer.concat([call(), disconnectFrame('41')]));
    await thrown;
    t.match(errors, [error]);
  });
}

// One that is dropped: `void socket.disconnect('bye')`.
const refusals: Record<string, { says: Uint8Array; goes: 'reset' | 'end' }> = {
  'of a caller that resets': { says: call(), goes: 'reset' },
  'of a caller that ends without a last word': { says: call(), goes: 'end' },
  'that is longer than the caller takes': {
    says: call({ limits: { ...limits, disconnectData: 1 } }),
    goes: 'reset',
  },
  'of a caller that has said its last word': {
    says: Buffer.concat([call(), disconnectFrame('bye')]),
    goes: 'reset',
  },
};
for (const [name, { says, goes }] of Object.entries(refusals)) {
  t.test(`a dropped disconnect() ${name} ends no process`, async (t) => {
    const unhandled: unknown[] = [];
    const onunhandled = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', onunhandled);
    t.teardown(() => process.off('unhandledRejection', onunhandled));
    const { server, port } = await serve(t);
    const accepted = once(server, 'connection');
    const stranger = netConnect(port, '127.0.0.1').on('error', () => {});
    stranger.resume().write(says);
    const [socket] = (await accepted) as [Socket];
    void socket.disconnect('bye');
    socket.on('disconnect', () => void socket.disconnect('once more'));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    // By then its octets have arrived, and a refusal has been sent.
    await new Promise((resolve) => stranger.once('data', resolve));
    if (goes === 'reset') stranger.resetAndDestroy();
    else stranger.end();
    await closed;
    await new Promise(setImmediate);
    t.strictSame(unhandled, []);
  });
}
