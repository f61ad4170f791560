import { once } from 'node:events';
import { connect as netConnect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import t from 'tap';
import { FD_CONNECT } from '../../../src/vocabulary/constants.js';
import {
  WSAECONNRESET,
  WSAETIMEDOUT,
} from '../../../src/vocabulary/error-codes.js';
import { ALPN_PROTOCOL } from '../../../src/provider/framed/wire.js';
import { clientTls, serverTls } from '../../support/media.js';
import {
  RawPeer,
  abortAll,
  accepted,
  connected,
  dialing,
  listening,
  rawCaller,
  targetOf,
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

t.test('connections that end inside the handshake of TLS', async (t) => {
  await t.test('before the first octet: counted', async (t) => {
    const listener = await listening(secured);
    const peer = new RawPeer(netConnect(targetOf(listener)));
    peer.stream.end();
    await peer.closed();
    while (listener.socket.statistics!.probes === 0) await nextTurn();
    t.strictSame(listener.handshakeFailures, []);
  });

  await t.test('later: told', async (t) => {
    const listener = await listening(secured);
    const peer = new RawPeer(netConnect(targetOf(listener)));
    peer.stream.end(Buffer.from('1603010005', 'hex'));
    await listener.handshakeFailure();
    t.match(listener.handshakeFailures, [
      { status: WSAECONNRESET, detail: /inside the TLS handshake/ },
    ]);
    await peer.closed();
    t.equal(listener.handshakeFailures.length, 1, 'once');
  });

  await t.test('too late', async (t) => {
    const listener = await listening(secured, { handshakeTimeout: 20 });
    const peer = new RawPeer(netConnect(targetOf(listener)));
    await peer.closed();
    t.match(listener.handshakeFailures, [
      { status: WSAETIMEDOUT, detail: /within 20 ms/ },
    ]);
    t.equal(listener.socket.statistics!.pending, 0);
  });
});

t.test('handshakes of TLS count as pending', async (t) => {
  const limits = [{ maxPending: 2 }, { maxPendingPerAddress: 2 }];
  for (const options of limits) {
    const listener = await listening(secured, options);
    const { socket } = listener;
    const silent: RawPeer[] = [];
    const openSilent = async () => {
      silent.push(rawCaller(t, listener));
      while (socket.statistics!.pending < silent.length) await nextTurn();
    };
    await openSilent();
    await openSilent();
    const caller = dialing({ ...targetOf(listener), tls: clientTls });
    if (options.maxPending) {
      // The one that has taken longest gives way.
      await silent[0]!.end();
      await accepted(listener);
      t.equal(await caller.next(FD_CONNECT), 0);
      t.notOk(silent[1]!.ended);
    } else {
      t.not(await caller.next(FD_CONNECT), 0);
      silent[0]!.stream.destroy();
      while (socket.statistics!.pending > 1) await nextTurn();
      await connected(listener, { ...targetOf(listener), tls: clientTls });
    }
    t.match(socket.statistics, { pending: 1, overLimit: 1, violations: 0 });
    t.equal(listener.handshakeFailures.length, 0, 'it is no failure');
  }
});

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

t.test('closing the listener ends handshakes of TLS', async (t) => {
  const listener = await listening(secured);
  const { stream } = new RawPeer(netConnect(targetOf(listener)));
  await once(stream, 'connect');
  listener.socket.close();
  if (!stream.closed) await once(stream, 'close');
  t.ok(stream.destroyed);
});
