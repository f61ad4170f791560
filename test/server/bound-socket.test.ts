import { once } from 'node:events';
import t from 'tap';
import net, { type BoundSocketOptions } from '../../src/index.js';
import { connect } from '../../src/promises.js';
import { freePipePath } from '../support/media.js';

// A local address that is bound first, and listened on later (Node 24.21, 26).

const { BoundSocket } = net;

type Listen = (server: net.Server, bound: net.BoundSocket) => net.Server;

const ways: Record<string, Listen> = {
  'listen(bound)': (server, bound) => server.listen(bound),
  'listen({ handle: bound })': (server, handle) => server.listen({ handle }),
};

const ends: Record<string, () => BoundSocketOptions> = {
  'an address': () => ({ host: '127.0.0.1', port: 0 }),
  'a path': () => ({ path: freePipePath() }),
};

if (BoundSocket) {
  for (const [way, listen] of Object.entries(ways)) {
    for (const [end, options] of Object.entries(ends)) {
      t.test(`${way} at ${end}`, async (t) => {
        const bound = new BoundSocket(options());
        const where = bound.address();
        const server = net.createServer((socket) => {
          socket.answer = (word) => `${String(word)} too`;
        });
        await once(listen(server, bound), 'listening');
        t.same(server.address(), where);
        const socket = await connect(
          typeof where === 'string' ? { path: where } : { port: where.port },
        );
        t.equal(String(await socket.disconnect('bye')), 'bye too');
        t.throws(() => net.createServer().listen(bound), {
          code: 'ERR_SOCKET_HANDLE_ADOPTED',
        });
        server.close();
        await once(server, 'close');
      });
    }
  }
} else {
  t.test('this Node has none', (t) => {
    t.notOk('BoundSocket' in net);
    t.end();
  });
}

t.test('an abstract path is for everybody', (t) => {
  for (const access of ['readableAll', 'writableAll']) {
    t.throws(
      () => net.createServer().listen({ path: '\0goodbyte', [access]: true }),
      { code: 'ERR_INVALID_ARG_VALUE', message: /abstract/ },
    );
  }
  t.end();
});
