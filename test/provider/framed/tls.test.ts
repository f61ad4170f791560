import { once } from 'node:events';
import { connect as netConnect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import t from 'tap';
import type { ListenTarget } from '../../../src/provider/provider.js';
import { FD_CONNECT } from '../../../src/vocabulary/constants.js';
import {
  WSAECONNRESET,
  WSAETIMEDOUT,
} from '../../../src/vocabulary/error-codes.js';
import { ALPN_PROTOCOL } from '../../../src/provider/framed/wire.js';
import { line } from '../../support/proxy-header.js';
import {
  clientTls,
  media,
  serverTls,
  type Medium,
} from '../../support/media.js';
import {
  RawPeer,
  abortAll,
  accepted,
  addressOf,
  connected,
  dialing,
  listening,
  targetOf,
  type Watched,
} from '../../support/seam.js';
import { callerPreface } from '../../support/wire.js';

t.afterEach(abortAll);

const secured = { port: 0, host: '127.0.0.1', tls: serverTls };

t.test('framing is what TLS agrees on', async (t) => {
  const listener = await listening(secured);
  const { caller, callee } = await connected(listener, {
    ...targetOf(listener),
    tls: clientTls,
  });
  for (const { socket } of [caller, callee]) {
    t.equal((socket.stream as TLSSocket).alpnProtocol, ALPN_PROTOCOL);
  }
  t.equal((caller.socket.stream as TLSSocket).authorized, true);
});

t.test('a certificate that nobody vouches for', async (t) => {
  const listener = await listening(secured);
  const caller = dialing({
    ...targetOf(listener),
    tls: { servername: 'localhost' },
  });
  t.not(await caller.next(FD_CONNECT), 0);
  t.match(caller.socket.failure?.cause, {
    code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  });
});

t.test('callers that TLS turns away', async (t) => {
  const callers = {
    'without TLS': (port: number) => {
      netConnect(port, '127.0.0.1')
        .on('error', () => {})
        .end('GET / HTTP/1.1\r\n\r\n');
    },
    'for another protocol': (port: number) => {
      tlsConnect({
        ...clientTls,
        port,
        host: '127.0.0.1',
        ALPNProtocols: ['h2'],
      }).on('error', () => {});
    },
  };
  for (const [name, call] of Object.entries(callers)) {
    await t.test(name, async (t) => {
      const listener = await listening(secured);
      call(targetOf(listener).port);
      await listener.handshakeFailure();
      t.ok(listener.handshakeFailures[0]?.cause, 'the listener is told why');
      // And takes the next caller.
      await connected(listener, { ...targetOf(listener), tls: clientTls });
    });
  }
});

/** What TLS runs over, and a raw caller there. */
const [overTls, overTlsInPipe] = media.slice(-2) as [Medium, Medium];
const callers: [Medium, (listener: Watched) => RawPeer][] = [
  [overTls, (listener) => new RawPeer(netConnect(targetOf(listener)))],
  [
    overTlsInPipe,
    (listener) => new RawPeer(netConnect(addressOf(listener).address)),
  ],
];

for (const [medium, call] of callers) {
  t.test(
    `connections that end inside the handshake: ${medium.name}`,
    async (t) => {
      await t.test('before the first octet: counted', async (t) => {
        const listener = await listening(medium.listen());
        const peer = call(listener);
        peer.stream.end();
        await peer.closed();
        while (listener.socket.statistics!.probes === 0) await nextTurn();
        t.strictSame(listener.handshakeFailures, []);
      });

      await t.test('later: told', async (t) => {
        const listener = await listening(medium.listen());
        const peer = call(listener);
        peer.stream.end(Buffer.from('1603010005', 'hex'));
        await listener.handshakeFailure();
        t.match(listener.handshakeFailures, [
          { status: WSAECONNRESET, detail: /inside the TLS handshake/ },
        ]);
        await peer.closed();
        t.equal(listener.handshakeFailures.length, 1, 'once');
      });

      await t.test('too late', async (t) => {
        const listener = await listening(medium.listen(), {
          handshakeTimeout: 20,
        });
        await call(listener).closed();
        t.match(listener.handshakeFailures, [
          { status: WSAETIMEDOUT, detail: /within 20 ms/ },
        ]);
        t.equal(listener.socket.statistics!.pending, 0);
      });
    },
  );

  t.test(`handshakes of TLS count as pending: ${medium.name}`, async (t) => {
    const limits = [
      { maxPending: 2 },
      // A pipe's callers have no address.
      ...(medium === overTls ? [{ maxPendingPerAddress: 2 }] : []),
    ];
    for (const options of limits) {
      const listener = await listening(medium.listen(), options);
      const { socket } = listener;
      const silent: RawPeer[] = [];
      const openSilent = async () => {
        silent.push(call(listener));
        while (socket.statistics!.pending < silent.length) await nextTurn();
      };
      await openSilent();
      await openSilent();
      const caller = dialing(medium.connect(listener));
      if ('maxPending' in options) {
        // The one that has taken longest gives way.
        await silent[0]!.end();
        await accepted(listener);
        t.equal(await caller.next(FD_CONNECT), 0);
        t.notOk(silent[1]!.ended);
      } else {
        t.not(await caller.next(FD_CONNECT), 0);
        silent[0]!.stream.destroy();
        while (socket.statistics!.pending > 1) await nextTurn();
        await connected(listener, medium.connect(listener));
      }
      t.match(socket.statistics, { pending: 1, overLimit: 1, violations: 0 });
      t.equal(listener.handshakeFailures.length, 0, 'it is no failure');
      for (const { stream } of silent) stream.destroy();
    }
  });

  t.test(
    `closing the listener ends handshakes of TLS: ${medium.name}`,
    async (t) => {
      const listener = await listening(medium.listen());
      const { stream } = call(listener);
      await once(stream, 'connect');
      while (listener.socket.statistics!.pending === 0) await nextTurn();
      listener.socket.close();
      if (!stream.closed) await once(stream, 'close');
      t.ok(stream.destroyed);
    },
  );
}

t.test('a caller keeps its place behind TLS', async (t) => {
  const listener = await listening(secured, { maxPending: 1 });
  const { socket } = listener;
  const { port, host } = targetOf(listener);
  const caller = tlsConnect({ ...clientTls, port, host }, () => {
    caller.write(callerPreface);
  });
  t.teardown(() => caller.destroy());
  await once(caller, 'data');
  t.match(socket.statistics, { pending: 1, overLimit: 0 });
  // It has not said CONNECT: it gives way to the next.
  const closed = once(
    caller.on('error', () => {}),
    'close',
  );
  await connected(listener, { ...targetOf(listener), tls: clientTls });
  await closed;
  t.match(socket.statistics, { pending: 0, overLimit: 1 });
});

t.test('all of a handshake has one time limit', async (t) => {
  const LIMIT = 60_000;
  const header = line('TCP4 192.0.2.1 192.0.2.2 1 2');
  const where = { port: 0, host: '127.0.0.1' };
  const proxied = { ...where, proxyProtocol: true as const };
  // What comes while the time is as good as up, and where it is up then.
  const cases: {
    name: string;
    target: ListenTarget;
    says: (stream: Socket) => void;
    overdue: RegExp;
  }[] = [
    {
      name: 'TLS behind a header',
      target: { ...proxied, tls: serverTls },
      says: (stream) => stream.write(header),
      overdue: /the TLS handshake was not finished within 60000 ms/,
    },
    {
      name: 'CONNECT behind a header',
      target: proxied,
      says: (stream) => stream.write(header),
      overdue: /nothing of framing came within 60000 ms/,
    },
    {
      name: 'CONNECT inside TLS',
      target: { ...where, tls: serverTls },
      says: (socket) => {
        tlsConnect({ ...clientTls, socket }).on('error', () => {});
      },
      overdue: /nothing of framing came within 60000 ms/,
    },
  ];
  let ahead = 0;
  const now = performance.now.bind(performance);
  t.intercept(performance, 'now', { value: () => now() + ahead });
  for (const { name, target, says, overdue } of cases) {
    await t.test(name, async (t) => {
      const listener = await listening(target, { handshakeTimeout: LIMIT });
      const peer = new RawPeer(netConnect(targetOf(listener)));
      while (listener.socket.statistics!.pending === 0) await nextTurn();
      ahead += LIMIT;
      says(peer.stream);
      await listener.handshakeFailure();
      t.match(listener.handshakeFailures, [
        { status: WSAETIMEDOUT, detail: overdue },
      ]);
      peer.stream.destroy();
    });
  }
});
