import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { Socket } from '../../src/index.js';
import { needsUnix } from '../support/platform.js';

const copier = path.join(import.meta.dirname, '../support/descriptors.js');

/** Both ends of a connection of net's; one is a handle of which nobody reads. */
async function pair(t: Test): Promise<{ handle: object; peer: net.Socket }> {
  const server = net.createServer({
    pauseOnConnect: true,
    allowHalfOpen: true,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const peer = net.connect(port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [net.Socket];
  server.close();
  t.teardown(() => {
    peer.destroy();
    accepted.destroy();
  });
  return { handle: Reflect.get(accepted, '_handle') as object, peer };
}

t.test('a handle of net makes a plain connection, open at once', async (t) => {
  const { handle, peer } = await pair(t);
  const socket = new Socket({ handle });
  t.match(socket, {
    connecting: false,
    pending: false,
    readyState: 'open',
    framed: false,
    remotePort: peer.localPort,
    calleeData: undefined,
  });
  t.type(socket.stream, net.Socket);
  socket.on('connect', () => t.fail('it is connected already'));
  socket.write('out');
  t.equal(String((await once(peer, 'data'))[0]), 'out');
  peer.write('in');
  t.equal(String((await once(socket, 'data'))[0]), 'in');
  await t.rejects(socket.disconnect('word'), { code: 'ENOPROTOOPT' });
  const disconnected = once(socket, 'disconnect');
  peer.end('last');
  t.equal(String((await once(socket, 'data'))[0]), 'last');
  t.same(await disconnected, [undefined]);
  await Promise.all([once(socket, 'close'), once(peer, 'end')]);
});

t.test('an octet that looks like framing is data', async (t) => {
  const { handle, peer } = await pair(t);
  const socket = new Socket({ handle });
  peer.write('GBYE');
  t.equal(String((await once(socket, 'data'))[0]), 'GBYE');
  socket.destroy();
});

t.test('it is read as net would', async (t) => {
  for (const option of ['pauseOnCreate', 'manualStart']) {
    const { handle, peer } = await pair(t);
    const socket = new Socket({ handle, [option]: true });
    t.equal(socket.isPaused(), option === 'pauseOnCreate');
    peer.write('in');
    socket.resume();
    t.equal(String((await once(socket, 'data'))[0]), 'in');
    socket.destroy();
  }
});

t.test(
  'descriptors of one direction',
  { skip: needsUnix('pipes') },
  async (t) => {
    // Pipes of the shell: those of spawn have both directions.
    const child = spawn('sh', [
      '-c',
      'cat | "$0" "$1" | cat',
      process.execPath,
      copier,
    ]);
    child.stdin.end('copied');
    const [copied, told] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
    ]);
    t.equal(copied, 'copied');
    t.equal(told, 'closed true\n');
  },
);

const wrong: [
  options: object | number,
  error: { code: string; message?: RegExp },
][] = [
  [-1, { code: 'ERR_OUT_OF_RANGE' }],
  [{ fd: -1 }, { code: 'ERR_OUT_OF_RANGE' }],
  [{ fd: '3' }, { code: 'ERR_INVALID_ARG_TYPE' }],
  [
    { fd: 0, tls: {} },
    { code: 'ERR_INVALID_ARG_VALUE', message: /tls/ },
  ],
  [
    { fd: 0, socketType: 'message' },
    { code: 'ERR_INVALID_ARG_VALUE', message: /socketType/ },
  ],
];

for (const [options, error] of wrong) {
  t.test(`a wrong ${JSON.stringify(options)}`, (t) => {
    t.throws(() => new Socket(options), error);
    t.end();
  });
}
