import { once, type EventEmitter } from 'node:events';
import { BlockList } from 'node:net';
import t from 'tap';
import { connect as connectNow, reject } from '../../src/index.js';
import { connect } from '../../src/promises.js';
import type { ServerOptions } from '../../src/server/options.js';
import { serve } from '../support/serve.js';
import { uncaught } from '../support/uncaught.js';

const blockList = new BlockList();
blockList.addAddress('127.0.0.1');

const drops: [what: string, options: ServerOptions, most?: number][] = [
  ['beyond maxConnections', {}, 0],
  ['on the blockList', { blockList }],
];

for (const [what, options, most] of drops) {
  t.test(`a caller ${what}`, async (t) => {
    const { server, port } = await serve(t, {
      ...options,
      condition: () => t.fail('must not be asked') as never,
    });
    server.maxConnections = most;
    const dropped = once(server, 'drop');
    const call = connect({ port, host: '127.0.0.1' });
    await t.rejects(call, { code: 'ECONNREFUSED', mayRepeat: true });
    t.match(await dropped, [
      { localPort: port, remoteAddress: '127.0.0.1', remoteFamily: 'IPv4' },
    ]);
    t.match(server.metrics(), { dropped: 1, connections: 0, withdrawn: 0 });
  });

  t.test(`a caller ${what}, without a listener for its error`, async (t) => {
    const { server, port } = await serve(t, options);
    server.maxConnections = most;
    const socket = connectNow(port, '127.0.0.1');
    socket.on('connect', () => t.fail('must not be connected'));
    t.same(await closed(socket), [true], 'had an error');
    t.match(socket.errored, { code: 'ECONNREFUSED', rejected: true });
  });
}

t.test(
  'a listener for drop closes the server behind the refusal',
  async (t) => {
    const { server, port } = await serve(t);
    server.maxConnections = 0;
    server.on('drop', () => server.close());
    await t.rejects(connect({ port, host: '127.0.0.1' }), {
      message: /the callee refused$/,
      mayRepeat: true,
    });
  },
);

t.test('a verdict needs a listener', async (t) => {
  const errors = uncaught(t);
  const verdicts = [
    reject(),
    reject('why'),
    reject(undefined, { mayRepeat: false }),
    reject('why', { mayRepeat: true }),
    reject(undefined, { code: 7, mayRepeat: true }),
  ];
  let next = 0;
  const { port } = await serve(t, { condition: () => verdicts[next++]! });
  for (const verdict of verdicts) {
    errors.length = 0;
    const socket = connectNow(port, '127.0.0.1');
    await closed(socket);
    t.match(errors, [{ code: 'ECONNREFUSED' }], JSON.stringify(verdict));
    t.equal(socket.errored, errors[0]);
  }
});

/** The arguments of its `close`. */
function closed(socket: EventEmitter): Promise<unknown[]> {
  return new Promise((resolve) => {
    socket.once('close', (...about) => {
      resolve(about);
    });
  });
}
