import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { accept, createServer, reject, Socket } from '../../../src/index.js';
import { connect } from '../../../src/promises.js';
import { defaultSocketOptions } from '../../../src/provider/provider.js';
import { selectProvider } from '../../../src/provider/select.js';
import {
  WSAECONNABORTED,
  WSAEACCES,
  WSAEINVALIDPROCTABLE,
  WSAEINVALIDPROVIDER,
  WSAEPROVIDERFAILEDINIT,
} from '../../../src/vocabulary/error-codes.js';
import type { AddressInfo } from '../../../src/index.js';
import { flowspec } from '../../../src/vocabulary/qos.js';
import { ownerThat } from '../../support/owner.js';
import { letsItsProcessEnd } from './courtesy.js';
import { habits, openSockets } from './fake.js';
import { useFake } from './with-fake.js';

// Tests Socket and Server above Winsock2, and the choice of it.

useFake();
const usual = { ...habits };

t.beforeEach(() => {
  Object.assign(habits, usual);
});

t.afterEach(async () => {
  while (openSockets() > 0) await setImmediate();
});

type Options = NonNullable<Parameters<typeof createServer>[0]>;
/** A condition function that never decides. */
const never = () => new Promise<never>(() => {});

type OnConnection = (socket: Socket) => void;

/** A server on Winsock2, closed at the end of the test. */
async function serve(
  t: Test,
  options: object,
  onconnection: OnConnection = (socket) => socket.resume(),
): Promise<{ port: number; host: string; provider: string }> {
  const server = createServer(
    { provider: 'winsock2', ...options } as Options,
    onconnection,
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { port, host: '127.0.0.1', provider: 'winsock2' };
}

await t.test('the first and the last word', async (t) => {
  const sqos = { sending: flowspec({ tokenRate: 5 }), receiving: flowspec() };
  const to = await serve(
    t,
    {
      condition: async (request: { callerData?: Buffer }) => {
        await setImmediate();
        return String(request.callerData) === 'teller 7'
          ? accept({ calleeData: 'good morning' })
          : reject('unknown');
      },
    },
    (socket) => {
      socket.resume();
      socket.answer = (total) => String(Number(total) + 1000);
    },
  );
  const socket = await connect({ ...to, callerData: 'teller 7', sqos });
  t.equal(String(socket.calleeData), 'good morning');
  t.equal(socket.remotePort, to.port);
  t.equal(socket.localAddress, '127.0.0.1');
  t.equal(socket.sqos?.sending.tokenRate, 5);
  socket.setNoDelay(true).setKeepAlive(true, 2000);
  socket.write('entries');
  t.equal(String(await socket.disconnect('41')), '1041');

  await t.rejects(connect({ ...to, callerData: 'somebody' }), {
    code: 'ECONNREFUSED',
    rejectData: Buffer.from('unknown'),
  });
});

await t.test('a name is resolved, and a failure is reported', async (t) => {
  const to = await serve(t, {});
  const socket = await connect({ ...to, host: 'localhost', family: 4 });
  socket.destroy();
  await t.rejects(connect({ ...to, port: 1 }), { code: 'ECONNREFUSED' });
  await t.rejects(connect({ ...to, host: '::1' }), { code: 'EAFNOSUPPORT' });
  const lookup = (...args: unknown[]) => {
    const callback = args.at(-1) as (error: Error) => void;
    callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
  };
  await t.rejects(connect({ ...to, host: 'x.invalid', lookup } as never), {
    code: 'ENOTFOUND',
  });
  const again = createServer({ provider: 'winsock2' });
  again.listen(to.port, to.host);
  const [error] = (await once(again, 'error')) as [NodeJS.ErrnoException];
  t.equal(error.code, 'EADDRINUSE');
});

await t.test('an entry that declares nothing brings nothing', async (t) => {
  habits.declares = false;
  // A catalog that is read again: earlier contents stay.
  const provider = 'winsock2:2001';
  const to = { ...(await serve(t, { provider })), provider };
  const plain = await connect(to);
  t.equal(plain.calleeData, undefined);
  plain.destroy();
});

await t.test(
  'a FIN follows a close, also where options are refused',
  async (t) => {
    habits.declares = false;
    const options = { ...defaultSocketOptions, lingerTimeout: 0 };
    const provider = selectProvider('winsock2:2001');
    let resolve = () => {};
    const ended = new Promise<void>((settle) => {
      resolve = settle;
    });
    const { host, port } = await serve(
      t,
      { provider: provider.name },
      (socket) => {
        socket.resume().on('end', () => {
          resolve();
        });
      },
    );
    const caller = provider.createConnection(options);
    caller.disconnectExtras = { options: Buffer.from('refused') };
    caller.owner = ownerThat({
      onConnected() {
        caller.close();
      },
    });
    caller.connect({ host, port }, { calleeDataLimit: 0 });
    await ended;
    t.pass('the peer has heard the end');
  },
);

await t.test('a caller without an answer times out', async (t) => {
  const to = await serve(t, { condition: never });
  await t.rejects(connect({ ...to, connectTimeout: 20 }), {
    code: 'ETIMEDOUT',
    message: /no verdict within 20 ms/,
  });
});

await t.test('a request waits for no longer than deferTimeout', async (t) => {
  const to = await serve(t, {
    condition: never,
    deferTimeout: 20,
  });
  await t.rejects(connect(to), { code: 'ECONNREFUSED' });
});

await t.test(
  'waiting callers get a last word when the server closes',
  async (t) => {
    const server = createServer({
      provider: 'winsock2',
      condition: never,
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const calling = [1, 2].map(() =>
      connect({ port, host: '127.0.0.1', provider: 'winsock2' }).then(
        () => 'connected',
        (error: NodeJS.ErrnoException) => error.code,
      ),
    );
    await setImmediate();
    await setImmediate();
    server.close();
    t.strictSame(await Promise.all(calling), ['ECONNREFUSED', 'ECONNREFUSED']);
  },
);

for (const departedAs of [usual.departedAs, WSAEACCES]) {
  await t.test(`a caller leaves while deferred: ${departedAs}`, async (t) => {
    habits.departedAs = departedAs;
    let decide: (() => void) | undefined;
    const to = await serve(t, {
      condition: (request: { callerData?: Buffer }) =>
        request.callerData
          ? new Promise((resolve) => {
              decide = () => resolve(accept());
            })
          : accept(),
    });
    const leaving = new Socket({ provider: 'winsock2' });
    leaving.on('error', () => {});
    leaving.connect({ ...to, callerData: 'soon gone' });
    while (!decide) await setImmediate();
    leaving.destroy();
    const staying = connect(to);
    decide();
    (await staying).destroy();
  });
}

await t.test(
  'a reset is a reset, whatever the provider calls it',
  async (t) => {
    habits.resetAs = WSAECONNABORTED;
    const errors: (string | undefined)[] = [];
    const to = await serve(t, {}, (socket) => {
      socket.resume();
      socket.on('error', ({ code }: NodeJS.ErrnoException) =>
        errors.push(code),
      );
    });
    const socket = await connect(to);
    socket.resetAndDestroy();
    while (errors.length === 0) await setImmediate();
    t.strictSame(errors, ['ECONNRESET']);
  },
);

await t.test('messages in parts are whole again', async (t) => {
  habits.partLength = 3;
  const socketType = 'message';
  const heard: string[] = [];
  const to = await serve(t, { socketType }, (socket) => {
    socket.on('data', (message: Buffer) => heard.push(String(message)));
  });
  const socket = await connect({ ...to, socketType });
  for (const message of ['', 'one', 'and another', 'x']) socket.write(message);
  await socket.disconnect();
  t.strictSame(heard, ['', 'one', 'and another', 'x']);
});

await t.test('much data, by a narrow way, to a slow reader', async (t) => {
  habits.window = 1000;
  let octets = 0;
  const to = await serve(t, {}, (socket) => {
    void (async () => {
      for await (const piece of socket) {
        octets += (piece as Buffer).length;
        await setImmediate();
      }
    })();
  });
  const socket = await connect(to);
  socket.write(Buffer.alloc(200_000));
  socket.write('and a little more');
  await socket.disconnect('done');
  t.equal(octets, 200_017);
});

await t.test('the choice', (t) => {
  t.equal(selectProvider().name, 'winsock2', 'what declares both');
  t.equal(selectProvider('auto', {}).name, 'framed', 'a pipe');
  t.equal(selectProvider('auto', { port: 1, tls: {} }).name, 'framed', 'TLS');
  const cases: [string, RegExp][] = [
    ['winsock3', /unknown provider "winsock3"/],
    ['winsock2:7', /the catalog has no entry 7; `goodbyte providers`/],
    ['winsock2:2003', /entry 2003 .* makes no connections over IP/],
  ];
  for (const [name, message] of cases) {
    t.throws(() => selectProvider(name), { message });
  }
  t.end();
});

await t.test("a provider's DLL", (t) => {
  const { protocols } = selectProvider('winsock2:vendor.dll');
  t.strictSame(
    protocols.map(({ provider, catalogEntryId }) => [provider, catalogEntryId]),
    [
      ['winsock2:vendor.dll', 2001],
      ['winsock2:vendor.dll', 2002],
    ],
  );
  const cases: [number, number, RegExp][] = [
    [WSAEPROVIDERFAILEDINIT, 0, /WSAEPROVIDERFAILEDINIT: .*WSPStartup failed/],
    [WSAEPROVIDERFAILEDINIT, 126, /cannot be loaded .*126: .*is missing/],
    [WSAEPROVIDERFAILEDINIT, 193, /193: it is not a DLL for/],
    [WSAEPROVIDERFAILEDINIT, 5, /cannot be loaded \(Windows error 5\)/],
    [
      WSAEINVALIDPROVIDER,
      0,
      /WSAEINVALIDPROVIDER: .*not a provider of version 2/,
    ],
    [WSAEINVALIDPROCTABLE, 0, /WSAEINVALIDPROCTABLE: .*all thirty/],
  ];
  for (const [index, [status, systemError, message]] of cases.entries()) {
    habits.libraryStatus = status;
    habits.librarySystemError = systemError;
    t.throws(() => selectProvider(`winsock2:broken-${index}.dll`), { message });
  }
  t.end();
});

await t.test('places that Winsock2 does not connect to', async (t) => {
  const provider = 'winsock2';
  const cases: [object, RegExp][] = [
    [{ path: '/x' }, /connects by IP addresses/],
    [{ port: 1, tls: {} }, /TLS needs framing/],
  ];
  for (const [target, message] of cases) {
    await t.rejects(connect({ ...target, provider } as never), { message });
  }
  const server = createServer({ provider });
  server.listen('/x');
  const [error] = (await once(server, 'error')) as [Error];
  t.match(error, { message: /connects by IP addresses/ });
});

await t.test(
  'a socket that is destroyed without a word lets its process end',
  (t) => letsItsProcessEnd(t, 'winsock2'),
);

await t.test('behind a word, or a limit, the process waits', async (t) => {
  const cases: [
    says: string | undefined,
    linger: number | undefined,
    unrefs: number,
  ][] = [
    [undefined, undefined, 1],
    ['word', undefined, 0],
    [undefined, 1, 0],
  ];
  const provider = selectProvider('winsock2');
  const accepted: Socket[] = [];
  const to = await serve(t, { allowHalfOpen: true }, (socket) => {
    accepted.push(socket.resume());
  });
  for (const [says, linger, unrefs] of cases) {
    const options = { ...defaultSocketOptions, lingerTimeout: 40 };
    const caller = provider.createConnection(options);
    let seen = 0;
    caller.unref = () => seen++;
    await new Promise<void>((resolve) => {
      caller.owner = ownerThat({
        onConnected() {
          if (says) caller.sendDisconnect(Buffer.from(says));
          caller.close(linger);
        },
        onReleased: resolve,
      });
      caller.connect(to, { calleeDataLimit: 0 });
    });
    // It has not learned of the cut: it had the end before.
    for (const socket of accepted.splice(0)) socket.resetAndDestroy();
    t.equal(seen, unrefs, `${says} ${linger}`);
  }
});
