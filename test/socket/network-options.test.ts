import { once } from 'node:events';
import { Socket as NetSocket } from 'node:net';
import t from 'tap';
import { SocketOption } from '../../src/native.js';
import { theEngineLoop } from '../../src/provider/framed/engine/loop.js';
import { framedProvider } from '../../src/provider/framed/provider.js';
import { Socket, connect } from '../../src/index.js';
import { freePipePath } from '../support/media.js';
import { needsUnix, wineLacks } from '../support/platform.js';
import { connected, serve } from '../support/serve.js';

// Options that the network and the system carry out for a connection.

const { transport, listening } = framedProvider.transport!;
const byEngine = transport === 'engine' && listening === 'engine';

/** The system's values for the engine's connections in this process. */
function systemHas(option: SocketOption, value: number): boolean {
  const loop = theEngineLoop()!;
  const ids = Array.from({ length: 64 }, (_, id) => id);
  return ids.some((id) => loop.option(id, option) === value);
}

const wrong: [value: unknown, code: string][] = [
  ['16', 'ERR_INVALID_ARG_TYPE'],
  [undefined, 'ERR_INVALID_ARG_TYPE'],
  [NaN, 'ERR_INVALID_ARG_TYPE'],
  [1.5, 'ERR_OUT_OF_RANGE'],
  [-1, 'ERR_OUT_OF_RANGE'],
  [256, 'ERR_OUT_OF_RANGE'],
];

t.test('a type of service is an octet', (t) => {
  const socket = new Socket();
  for (const [value, code] of wrong) {
    t.throws(() => socket.setTypeOfService(value as number), { code });
    if (value === undefined) continue;
    t.throws(() => new Socket({ typeOfService: value as number }), { code });
  }
  t.equal(socket.getTypeOfService(), 0, 'and has not changed');
  t.equal(new Socket({ typeOfService: 8 }).getTypeOfService(), 8);
  socket.destroy();
  t.end();
});

const skipMarks = needsUnix('a type of service');

t.test(
  'a type of service reaches the system',
  { skip: skipMarks },
  async (t) => {
    const { server, port } = await serve(t);
    const taken = once(server, 'connection') as Promise<[Socket]>;
    const caller = new Socket({ typeOfService: 0x48 });
    caller.connect({ host: '127.0.0.1', port });
    await once(caller, 'connect');
    const [callee] = await taken;
    t.equal(caller.getTypeOfService(), 0x48, 'set before the connect');
    if (byEngine) t.ok(systemHas(SocketOption.serviceClass, 0x48 >> 2));
    t.equal(caller.setTypeOfService(0x28), caller, 'chains');
    t.equal(caller.getTypeOfService(), 0x28, 'set on a connection');
    t.equal(callee.getTypeOfService(), 0, 'the peer has its own');
    callee.setTypeOfService(0xb8);
    t.equal(callee.getTypeOfService(), 0xb8);
    if (byEngine) t.ok(systemHas(SocketOption.serviceClass, 0xb8 >> 2));
    // Node asks the system where it can, so the stream transport gets the same.
    if ('setTypeOfService' in NetSocket.prototype || byEngine) {
      caller.setTypeOfService(0x29);
      t.equal(caller.getTypeOfService() & 0xfc, 0x28);
    }
    caller.destroy();
  },
);

t.test('a medium without a type of service keeps the value', async (t) => {
  const { server } = await serve(t);
  server.close();
  await once(server, 'close');
  const path = freePipePath();
  await once(server.listen(path), 'listening');
  const socket = connect({ path, typeOfService: 16 });
  await once(socket, 'connect');
  t.equal(socket.setTypeOfService(32).getTypeOfService(), 32);
  socket.destroy();
});

const watching = wineLacks('the options by which TCP watches a connection');

t.test('keepalive takes all of its numbers', { skip: watching }, async (t) => {
  const { caller } = await connected(t);
  const forms: [set: () => Socket, seconds: number, probes: number][] = [
    [() => caller.setKeepAlive(true, 71_000, 13_000, 6), 13, 6],
    [
      () =>
        caller.setKeepAlive({
          enable: true,
          initialDelay: 72_000,
          interval: 14_999,
          count: 7,
        }),
      14,
      7,
    ],
  ];
  for (const [set, seconds, probes] of forms) {
    t.equal(set(), caller);
    if (!byEngine) continue;
    t.ok(systemHas(SocketOption.keepAliveInterval, seconds), 'interval');
    t.ok(systemHas(SocketOption.keepAliveCount, probes), 'count');
  }
  t.equal(caller.setKeepAlive({ enable: false }), caller);
  const nonsense = { enable: true, interval: 'x', count: {} } as never;
  t.equal(caller.setKeepAlive(nonsense), caller, 'as net: taken for nothing');
});
