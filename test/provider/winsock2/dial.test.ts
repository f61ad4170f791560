import { once } from 'node:events';
import type { LookupAddress } from 'node:dns';
import { setImmediate } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { createServer, Socket, type AddressInfo } from '../../../src/index.js';
import { connect } from '../../../src/promises.js';
import { WSAENOBUFS } from '../../../src/vocabulary/error-codes.js';
import { habits, openSockets } from './fake.js';
import { useFake } from './with-fake.js';

// Tests how a connection is made with Winsock2, and its events on the way.

useFake();
const usual = { ...habits };
const provider = 'winsock2';

t.beforeEach(() => {
  Object.assign(habits, usual);
});

/** Winsock2's sockets close in the background. */
t.afterEach(async () => {
  while (openSockets() > 0) await setImmediate();
});

async function serve(t: Test): Promise<number> {
  const server = createServer({ provider }, (socket) => socket.resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A name with these addresses. */
function lookupOf(...addresses: string[]) {
  return (
    _host: string,
    _options: unknown,
    done: (error: null, found: LookupAddress[]) => void,
  ) => {
    done(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  };
}

const two = { host: 'two', lookup: lookupOf('127.0.0.1', '127.0.0.2') };

const places: [string, object][] = [
  ['an address', { host: '127.0.0.1' }],
  ['a bound address', { host: '127.0.0.1', localPort: 4000 }],
  ['a name of two', two],
  ['a name, with caller data', { ...two, callerData: 'here I am' }],
];

for (const event of ['connectionAttempt', 'connectionAttemptFailed']) {
  for (const [where, target] of places) {
    await t.test(`destroyed in ${event}, at ${where}`, async (t) => {
      const nobody = 1;
      const port = event === 'connectionAttempt' ? await serve(t) : nobody;
      const before = openSockets();
      const socket = new Socket({ provider });
      const told: string[] = [];
      for (const name of [
        'connectionAttempt',
        'connectionAttemptFailed',
        'connect',
        'error',
        'close',
      ]) {
        socket.on(name, () => {
          told.push(name);
          if (name === event) socket.destroy();
        });
      }
      socket.connect({ port, ...target } as never);
      await once(socket, 'close');
      await setImmediate();
      const expected = ['connectionAttempt', 'connectionAttemptFailed'];
      t.strictSame(told, [
        ...expected.slice(0, expected.indexOf(event) + 1),
        'close',
      ]);
      t.equal(openSockets(), before, 'nothing of it is left');
    });
  }
}

await t.test('each failed attempt reports its error, as in net', async (t) => {
  const socket = new Socket({ provider });
  socket.connect({ port: 1, ...two } as never);
  const failed: unknown[][] = [];
  socket.on('connectionAttemptFailed', (...about: unknown[]) =>
    failed.push(about),
  );
  const [error] = (await once(socket, 'error')) as [AggregateError];
  t.match(
    failed,
    ['127.0.0.1', '127.0.0.2'].map((address) => [
      address,
      1,
      4,
      {
        code: 'ECONNREFUSED',
        syscall: 'connect',
        address,
        port: 1,
        message: `connect ECONNREFUSED ${address}:1`,
      },
    ]),
  );
  t.match(error, { code: 'ECONNREFUSED' });
  t.strictSame(
    error.errors,
    failed.map((about) => about[3]),
  );
});

await t.test('a failure of an entry is not remembered', async (t) => {
  const port = await serve(t);
  for (const localPort of [0, 4001]) {
    const to = { port, host: '127.0.0.1', provider: 'winsock2:2001' };
    habits.catalogStatus = localPort === 0 ? WSAENOBUFS : 0;
    if (localPort === 0) await t.rejects(connect(to), { code: 'ENOBUFS' });
    else (await connect({ ...to, localPort })).destroy();
  }
});
