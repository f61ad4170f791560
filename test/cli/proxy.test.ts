import { once } from 'node:events';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import {
  accept,
  createServer,
  reject,
  type Server,
  type WinsockError,
} from '../../src/index.js';
import { connect } from '../../src/promises.js';
import { freePipePath } from '../support/media.js';
import { needsUnix } from '../support/platform.js';
import { background, type Event } from './background.js';
import { cli } from './cli-harness.js';

/** A proxy in this process, once it listens. */
async function proxy(t: Test, ...args: string[]) {
  const running = await background(t, ['proxy', ...args]);
  t.teardown(running.stop);
  const port = Number(running.at.split(':')[1]);
  return { ...running, host: '127.0.0.1', port };
}

/** A plain service. */
async function plainService(t: Test, serve: (socket: net.Socket) => void) {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on('error', () => {}));
    serve(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as net.AddressInfo;
  return { at: `127.0.0.1:${port}`, server };
}

const echo = (socket: net.Socket) => socket.pipe(socket);

async function serving(t: Test, server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => server.close());
  return `127.0.0.1:${(server.address() as net.AddressInfo).port}`;
}

t.test('a second signal of either kind is not held back', async (t) => {
  const listeners = () =>
    ['SIGINT', 'SIGTERM'].map((signal) => process.listenerCount(signal));
  const before = listeners();
  const service = await plainService(t, echo);
  const { stop } = await proxy(t, '127.0.0.1:0', service.at);
  t.notSame(listeners(), before);
  const stopped = stop();
  t.strictSame(listeners(), before);
  t.equal(await stopped, 0);
});

t.test('a plain service behind it, with first and last words', async (t) => {
  const service = await plainService(t, echo);
  const { saw, ...place } = await proxy(
    t,
    '--caller-data',
    'me',
    '127.0.0.1:0',
    service.at,
  );
  await t.rejects(connect({ ...place, callerData: 'somebody else' }), {
    code: 'ECONNREFUSED',
    rejectData: Buffer.from('unknown caller'),
  });
  const socket = await connect({ ...place, callerData: 'me' });
  socket.write('hello');
  const echoed = text(socket);
  await socket.disconnect('that is all');
  t.equal(await echoed, 'hello');
  t.match(await saw('accept'), { callerData: 'me' });
  t.match(await saw('goodbye'), { lastWord: 'that is all' });
});

t.test('the service is away', async (t) => {
  const { at, server } = await plainService(t, echo);
  server.close();
  const place = await proxy(t, '--away', 'back at noon', '127.0.0.1:0', at);
  await t.rejects(connect(place), {
    code: 'ECONNREFUSED',
    rejectData: Buffer.from('back at noon'),
  });
});

t.test('a crash of the service is not a goodbye', async (t) => {
  const service = await plainService(t, (socket) => {
    socket.once('data', () => socket.resetAndDestroy());
  });
  const place = await proxy(t, '127.0.0.1:0', service.at);
  const socket = await connect(place);
  const failed = once(socket, 'error');
  socket.write('crash');
  const [error] = (await failed) as [WinsockError];
  t.equal(error.code, 'ECONNRESET');
});

t.test('an end of the service is a goodbye', async (t) => {
  const service = await plainService(t, (socket) => socket.end('so long'));
  const place = await proxy(t, '127.0.0.1:0', service.at);
  const socket = await connect(place);
  const heard = once(socket, 'disconnect');
  t.equal(await text(socket), 'so long');
  t.strictSame(await heard, [undefined]);
});

t.test("a caller's crash does not end the service", async (t) => {
  let failure: Promise<unknown> | undefined;
  const service = await plainService(t, (socket) => {
    failure = once(socket.resume(), 'close');
  });
  const place = await proxy(t, '127.0.0.1:0', service.at);
  const socket = await connect(place);
  await place.saw('accept');
  socket.resetAndDestroy();
  await place.saw('a connection failed');
  t.strictSame(await failure!.catch(() => [true]), [true], 'hadError');
});

t.test('at shutdown everyone gets a last word', async (t) => {
  const service = await plainService(t, echo);
  const place = await proxy(
    t,
    '--last-word',
    'noon',
    '127.0.0.1:0',
    service.at,
  );
  const socket = await connect({ ...place, answer: () => 'thanks' });
  socket.resume();
  await place.saw('accept');
  const told = once(socket, 'disconnect');
  t.equal(await place.stop(), 0);
  t.equal(String((await told)[0]), 'noon');
  t.match(await place.saw('stopped'), { connections: 1, ended: 1, aborted: 0 });
});

t.test('at shutdown the deadline ends peers that do not answer', async (t) => {
  const service = await plainService(t, echo);
  const place = await proxy(t, '--deadline', '20', '127.0.0.1:0', service.at);
  const socket = await connect({
    ...place,
    answer: () => new Promise<undefined>(() => {}),
  });
  socket.on('error', () => {});
  await place.saw('accept');
  await place.stop();
  t.match(await place.saw('stopped'), { aborted: 1 });
});

t.test('plain callers, and a goodbyte server behind it', async (t) => {
  const heard: string[] = [];
  const at = await serving(
    t,
    createServer(
      {
        condition({ callerData }) {
          heard.push(String(callerData));
          return accept();
        },
        allowHalfOpen: true,
      },
      (socket) => {
        socket.pipe(socket);
      },
    ),
  );
  const args = ['--plain-callers', '--caller-data', 'the proxy'];
  const place = await proxy(t, ...args, '127.0.0.1:0', at);
  const caller = net.connect({ ...place, allowHalfOpen: true });
  caller.end('hello');
  t.equal(await text(caller), 'hello');
  t.strictSame(heard, ['the proxy']);
  caller.destroy();
});

t.test('plain callers are cut off where the server refuses', async (t) => {
  const at = await serving(t, createServer({ condition: () => reject('no') }));
  const place = await proxy(t, '--plain-callers', '127.0.0.1:0', at);
  const caller = net.connect(place);
  await t.rejects(once(caller, 'close'), { code: 'ECONNRESET' });
  t.match(await place.saw('no connection'), { rejectData: 'no' });
});

t.test('paths', { skip: needsUnix('Unix sockets') }, async (t) => {
  const service = await plainService(t, echo);
  const file = freePipePath();
  await proxy(t, file, service.at);
  const socket = await connect({ path: file });
  socket.write('hello');
  const echoed = text(socket);
  await socket.disconnect();
  t.equal(await echoed, 'hello');
});

t.test('wrong usage', async (t) => {
  const cases: [string[], RegExp][] = [
    [['1'], /takes LISTEN TARGET/],
    [['1', '2', '3'], /takes LISTEN TARGET/],
    [['--plain-callers', '--allow-plain', '1', '2'], /no --allow-plain/],
    [['--deadline', 'x', '1', '2'], /--deadline takes a whole number/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await cli(['proxy', ...args]);
    t.equal(code, 2);
    t.match(stderr, message);
  }
  const { at } = await plainService(t, echo);
  t.equal((await cli(['proxy', at, at])).code, 1, 'in use');
});

t.test('probe', async (t) => {
  const at = await serving(
    t,
    createServer({
      userDataLimit: 100,
      condition: ({ callerData }) => (callerData ? reject('who?') : accept()),
    }),
  );
  const { code, stdout } = await cli(['probe', '--json', at]);
  t.equal(code, 0);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
  t.match(events, [
    { event: 'connected', protocol: 'goodbyte/1', lastWordLimit: 100 },
    { event: 'answered', milliseconds: Number },
    { event: 'goodbye' },
  ]);
  const refused = await cli(['probe', '--caller-data', 'me', at]);
  t.equal(refused.code, 10);
  t.match(refused.stdout, /refused; reject data: "who\?"/);
  const plain = await plainService(t, (socket) => socket.end('hello'));
  t.equal((await cli(['probe', plain.at])).code, 1, 'plain');
  const silent = await serving(
    t,
    createServer({ answer: () => new Promise<undefined>(() => {}) }),
  );
  const late = await cli(['probe', '--timeout', '50', silent]);
  t.equal(late.code, 12);
});
