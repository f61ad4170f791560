import { once } from 'node:events';
import { connect as netConnect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  connect as tlsConnect,
  createServer as createTlsServer,
  type TLSSocket,
} from 'node:tls';
import t, { type Test } from 'tap';
import type { ListenTarget } from '../../../src/provider/provider.js';
import {
  WSAECONNRESET,
  WSAETIMEDOUT,
} from '../../../src/vocabulary/error-codes.js';
import { ALPN_PROTOCOL, FrameType } from '../../../src/provider/framed/wire.js';
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
  type WatchedListener,
} from '../../support/seam.js';
import {
  acceptFrame,
  call,
  calleePreface,
  callerPreface,
  disconnectFrame,
  frame,
} from '../../support/wire.js';

t.afterEach(abortAll);

const secured = { port: 0, host: '127.0.0.1', tls: serverTls };

t.test('TLS agrees on framing', async (t) => {
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
  t.not(await caller.next('connect'), 0);
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
      // It also accepts the next caller.
      await connected(listener, { ...targetOf(listener), tls: clientTls });
    });
  }
});

/** The stream below TLS, and a raw caller there. */
const [overTls, overTlsInPipe] = media.slice(-2) as [Medium, Medium];
const callers: [Medium, (listener: WatchedListener) => RawPeer][] = [
  [overTls, (listener) => new RawPeer(netConnect(targetOf(listener)))],
  [
    overTlsInPipe,
    (listener) => new RawPeer(netConnect(addressOf(listener).address)),
  ],
];

for (const [medium, callRaw] of callers) {
  t.test(
    `connections that end inside the handshake: ${medium.name}`,
    async (t) => {
      await t.test('before the first octet: counted', async (t) => {
        const listener = await listening(medium.listen());
        const peer = callRaw(listener);
        peer.stream.end();
        await peer.closed();
        while (listener.socket.statistics.probes === 0) await nextTurn();
        t.strictSame(listener.handshakeFailures, []);
      });

      await t.test('later: told', async (t) => {
        const listener = await listening(medium.listen());
        const peer = callRaw(listener);
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
        await callRaw(listener).closed();
        t.match(listener.handshakeFailures, [
          { status: WSAETIMEDOUT, detail: /within 20 ms/ },
        ]);
        t.match(listener.socket.statistics, {
          pending: 0,
          handshakeTimeouts: 1,
          violations: 0,
        });
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
        silent.push(callRaw(listener));
        while (socket.statistics.pending < silent.length) await nextTurn();
      };
      await openSilent();
      await openSilent();
      const caller = dialing(medium.connect(listener));
      if ('maxPending' in options) {
        // The handshake that has taken longest gives way.
        await silent[0]!.end();
        await accepted(listener);
        t.equal(await caller.next('connect'), 0);
        t.notOk(silent[1]!.ended);
      } else {
        t.not(await caller.next('connect'), 0);
        silent[0]!.stream.destroy();
        while (socket.statistics.pending > 1) await nextTurn();
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
      const { stream } = callRaw(listener);
      await once(stream, 'connect');
      while (listener.socket.statistics.pending === 0) await nextTurn();
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
  // It has not sent CONNECT, so it gives way to the next.
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
  // Octets that arrive just before the time is up, and after.
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
      while (listener.socket.statistics.pending === 0) await nextTurn();
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

/** The socket below TLS; its FIN comes without close_notify. */
type Beneath = { raw: Socket; secure: TLSSocket };

/** A raw caller inside TLS. */
function secureCaller(
  t: Test,
  listener: WatchedListener,
  ALPNProtocols?: string[],
): Beneath {
  const raw = netConnect(targetOf(listener));
  const secure = tlsConnect({
    ...clientTls,
    socket: raw,
    ...(ALPNProtocols && { ALPNProtocols }),
  });
  secure.on('error', () => {});
  t.teardown(() => raw.destroy());
  return { raw, secure };
}

t.test('FIN without close_notify is a cut', async (t) => {
  const said = {
    'between two frames': { octets: Buffer.alloc(0), rule: /\bcut\b/ },
    'behind data': { octets: frame(FrameType.DATA, 'x'), rule: /\bcut\b/ },
    'inside a frame': {
      octets: frame(FrameType.DATA, 'xy').subarray(0, -1),
      rule: /\btruncated\b/,
    },
  };
  for (const [when, { octets, rule }] of Object.entries(said)) {
    await t.test(`to a callee, ${when}`, async (t) => {
      const listener = await listening(secured);
      const { raw, secure } = secureCaller(t, listener);
      secure.write(call());
      const callee = await accepted(listener);
      if (octets.length > 0) secure.write(octets, () => raw.end());
      else raw.end();
      callee.read().catch(() => {});
      t.equal(await callee.next('closed'), WSAECONNRESET);
      t.match(callee.socket.failure?.detail, rule);
    });

    await t.test(`to a caller, ${when}`, async (t) => {
      const server = createTlsServer(serverTls);
      let raw: Socket | undefined;
      server.on('connection', (socket: Socket) => {
        raw = socket;
      });
      server.on('secureConnection', (secure: TLSSocket) => {
        secure.on('error', () => {});
        secure.once('data', () => {
          secure.write(
            Buffer.concat([calleePreface, acceptFrame(), octets]),
            () => raw!.end(),
          );
        });
      });
      server.listen(0, '127.0.0.1');
      t.teardown(() => {
        server.close();
        raw?.destroy();
      });
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      const caller = dialing({ port, host: '127.0.0.1', tls: clientTls });
      t.equal(await caller.next('connect'), 0);
      caller.read().catch(() => {});
      t.equal(await caller.next('closed'), WSAECONNRESET);
      t.match(caller.socket.failure?.detail, rule);
    });
  }

  await t.test('after DISCONNECT it adds nothing', async (t) => {
    const listener = await listening(secured);
    const { raw, secure } = secureCaller(t, listener);
    secure.write(call());
    const callee = await accepted(listener);
    secure.write(disconnectFrame('bye'), () => raw.end());
    t.equal(await callee.lastWord(), 'bye');
    t.equal(callee.told.filter(({ event }) => event === 'closed').length, 1);
  });

  await t.test('with allowBareFin it ends in order', async (t) => {
    const listener = await listening(secured, { allowBareFin: true });
    const { raw, secure } = secureCaller(t, listener);
    secure.write(call());
    const callee = await accepted(listener);
    raw.end();
    t.equal(await callee.lastWord(), undefined);
  });

  await t.test('from a plain peer it is its last word', async (t) => {
    const listener = await listening(secured, { allowPlain: true });
    const { raw, secure } = secureCaller(t, listener);
    secure.write('plain', () => raw.end());
    const callee = await accepted(listener);
    t.equal(String(await callee.read()), 'plain');
    t.equal(await callee.next('closed'), 0);
  });
});

t.test('protocols that ALPN selects', async (t) => {
  const offers: [string, string[] | undefined, string | false][] = [
    ['nothing', undefined, false],
    ['goodbyte/1 alone', [ALPN_PROTOCOL], ALPN_PROTOCOL],
    ['goodbyte/1 and another', ['h2', ALPN_PROTOCOL], ALPN_PROTOCOL],
  ];
  for (const [name, offered, agreed] of offers) {
    await t.test(`a caller offers ${name}`, async (t) => {
      const listener = await listening(secured);
      const { secure } = secureCaller(t, listener, offered);
      secure.write(call());
      const callee = await accepted(listener);
      t.equal((callee.socket.stream as TLSSocket).alpnProtocol, agreed);
    });
  }

  // The preface decides, whatever was negotiated.
  for (const ALPNProtocols of [undefined, [ALPN_PROTOCOL]]) {
    await t.test(
      `a callee chooses ${ALPNProtocols?.[0] ?? 'nothing'}`,
      async (t) => {
        const server = createTlsServer({ ...serverTls, ALPNProtocols });
        server.on('secureConnection', (secure: TLSSocket) => {
          secure.on('error', () => {});
          secure.once('data', () => {
            secure.write(Buffer.concat([calleePreface, acceptFrame()]));
          });
          t.teardown(() => secure.destroy());
        });
        server.listen(0, '127.0.0.1');
        t.teardown(() => server.close());
        await once(server, 'listening');
        const { port } = server.address() as { port: number };
        const caller = dialing({ port, host: '127.0.0.1', tls: clientTls });
        t.equal(await caller.next('connect'), 0);
        const { alpnProtocol } = caller.socket.stream as TLSSocket;
        t.equal(alpnProtocol, ALPNProtocols?.[0] ?? false);
      },
    );
  }

  await t.test(
    'a callee knows only another version: the connect fails',
    async (t) => {
      const server = createTlsServer({ ...serverTls, ALPNProtocols: ['h2'] });
      server.on('tlsClientError', () => {});
      server.listen(0, '127.0.0.1');
      t.teardown(() => server.close());
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      const caller = dialing({ port, host: '127.0.0.1', tls: clientTls });
      t.not(await caller.next('connect'), 0);
      t.match(caller.socket.failure?.cause, {
        message: /no.application.protocol/i,
      });
    },
  );
});
