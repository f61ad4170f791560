import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import {
  CF_ACCEPT,
  CF_DEFER,
  CF_REJECT,
} from '../../../src/vocabulary/constants.js';
import {
  WSAECONNREFUSED,
  WSAECONNRESET,
  WSAEFAULT,
  WSAEINVAL,
  WSAENOBUFS,
  WSAENOPROTOOPT,
  WSAEPROTONOSUPPORT,
  WSAEPROTOTYPE,
  WSAETIMEDOUT,
  WSAEWOULDBLOCK,
  WSATRY_AGAIN,
  WSAVERNOTSUPPORTED,
} from '../../../src/vocabulary/error-codes.js';
import { decodeFields } from '../../../src/provider/framed/fields.js';
import { encodePreface } from '../../../src/provider/framed/encoder.js';
import { FrameType, Role } from '../../../src/provider/framed/wire.js';
import type {
  ConnectRequest,
  SocketOptions,
} from '../../../src/provider/provider.js';
import { ownerThat } from '../../support/owner.js';
import {
  type RawPeer,
  abortAll,
  acceptAll,
  accepted,
  connected,
  dialing,
  listening,
  rawCaller,
  targetOf,
  text,
  type WatchedListener,
} from '../../support/seam.js';
import {
  call,
  callerPreface,
  calleePreface,
  connectFrame,
  disconnectFrame,
  frame,
  limits,
} from '../../support/wire.js';

t.afterEach(abortAll);

const tcp = { port: 0, host: '127.0.0.1' };

function listen(
  options: Partial<SocketOptions> = {},
): Promise<WatchedListener> {
  return listening(tcp, options);
}

/**
 * Lets this process take what the system has for it by now: each trip takes the loop
 * through several turns.
 */
async function roundTrips(count = 2): Promise<void> {
  const listener = await listen();
  const { caller, callee } = await connected(listener, targetOf(listener));
  for (let trip = 0; trip < count; trip++) {
    caller.socket.send(Buffer.from('x'));
    await callee.until(() => callee.socket.inbox.receivable > 0);
    callee.socket.inbox.receive();
  }
  caller.socket.close();
  callee.socket.close();
  listener.socket.close();
}

/** The fields of REJECT, once the callee has sent it and ended. */
async function rejection(peer: RawPeer) {
  await peer.end();
  const answer = peer.received.subarray(calleePreface.length);
  return { type: answer[0], ...decodeFields(answer.subarray(4)) };
}

t.test('the callee speaks only after a whole preface', async (t) => {
  const listener = await listen();
  const peer = rawCaller(t, listener);
  peer.stream.write(callerPreface.subarray(0, 7));
  // A whole exchange of another connection passes meanwhile.
  await connected(listener, targetOf(listener));
  t.equal(peer.received.length, 0);
  peer.stream.write(callerPreface.subarray(7));
  t.strictSame(await peer.receive(8), Buffer.from(calleePreface));
});

t.test('reasons to refuse a CONNECT', async (t) => {
  const cases = [
    {
      name: 'more caller data than the callee takes',
      octets: call({ userData: Buffer.alloc(17) }),
      options: { userDataLimit: 16 },
      status: WSAEFAULT,
      reason: /^user-data-too-long/,
    },
    {
      name: 'a frame longer than anything the callee takes',
      octets: Buffer.concat([callerPreface, Buffer.from('01ffffff', 'hex')]),
      options: {},
      status: WSAEFAULT,
      reason: /^frame-too-long/,
    },
    {
      name: 'another socket type',
      octets: call({ socketType: 5 }),
      options: {},
      status: WSAEPROTOTYPE,
      reason: /socket type is 5, the callee's 1/,
    },
    {
      name: 'a missing field',
      octets: call({ limits: undefined }),
      options: {},
      status: WSAECONNREFUSED,
      reason: /^missing-field/,
    },
    {
      name: 'another frame than CONNECT',
      octets: Buffer.concat([callerPreface, disconnectFrame()]),
      options: {},
      status: WSAECONNREFUSED,
      reason: /^unexpected-frame/,
    },
    {
      name: 'an unknown critical frame',
      octets: Buffer.concat([callerPreface, frame(0x33, 'x')]),
      options: {},
      status: WSAECONNREFUSED,
      reason: /^unknown-frame/,
    },
    {
      name: 'a handshake that is not finished in time',
      octets: callerPreface,
      options: { handshakeTimeout: 20 },
      status: WSAETIMEDOUT,
      reason: /not finished within 20 ms/,
    },
  ];
  for (const { name, octets, options, status, reason } of cases) {
    t.test(name, async (t) => {
      const listener = await listen(options);
      const peer = rawCaller(t, listener);
      peer.stream.write(octets);
      const said = await rejection(peer);
      t.match(said, { type: FrameType.REJECT, status, reason });
      await listener.handshakeFailure();
      t.match(listener.handshakeFailures, [{ detail: reason }]);
      t.equal(listener.socket.accept(acceptAll), WSAEWOULDBLOCK);
      peer.stream.end();
    });
  }
});

t.test('a caller that offers no known version', async (t) => {
  const listener = await listen();
  const peer = rawCaller(t, listener);
  peer.stream.write(
    Buffer.concat([encodePreface(Role.caller, 2, 9), connectFrame()]),
  );
  await peer.end();
  t.strictSame(
    peer.received,
    Buffer.from(encodePreface(Role.callee, 1, 1)),
    'receives the supported versions',
  );
  await listener.handshakeFailure();
  t.match(listener.handshakeFailures, [{ status: WSAVERNOTSUPPORTED }]);
  t.equal(listener.socket.statistics?.violations, 1);
});

t.test('a caller without framing', async (t) => {
  await t.test('is recognised by its first octets', async (t) => {
    const listener = await listen();
    const peer = rawCaller(t, listener);
    peer.stream.write('G');
    await peer.end();
    await listener.handshakeFailure();
    t.match(listener.handshakeFailures, [
      {
        status: WSAEPROTONOSUPPORT,
        detail: /^bad-magic: .*began with 47, expected f6 47 42 59 45/,
      },
    ]);
    t.equal(peer.received.length, 0, 'and receives nothing');
  });

  await t.test('is a plain connection where that is allowed', async (t) => {
    const listener = await listen({ allowPlain: true });
    const peer = rawCaller(t, listener);
    peer.stream.write('EHLO there\r\n');
    const callee = await accepted(listener, (request) => {
      t.equal(request.framed, false);
      t.equal(request.callerData, undefined);
      t.equal(request.calleeDataLimit, 0);
      return { verdict: CF_ACCEPT, data: Buffer.from('dropped') };
    });
    callee.socket.send(Buffer.from('250 hello\r\n'));
    t.equal(String(await peer.receive(11)), '250 hello\r\n');
    t.equal(
      callee.socket.sendDisconnect(Buffer.from('no room for it')),
      WSAENOPROTOOPT,
    );
    peer.stream.end('QUIT\r\n');
    t.equal(String(await callee.read()), 'EHLO there\r\nQUIT\r\n');
    t.equal(await callee.lastWord(), undefined);
    t.equal(callee.socket.sendDisconnect(undefined), 0);
    callee.socket.close();
    await peer.end();
    await callee.released();
  });

  await t.test('may begin as the magic does', async (t) => {
    const listener = await listen({ allowPlain: true });
    const peer = rawCaller(t, listener);
    peer.stream.end(Buffer.from('f647ff', 'hex'));
    const callee = await accepted(listener);
    t.equal((await callee.read()).toString('hex'), 'f647ff');
  });

  await t.test('may end before its verdict', async (t) => {
    const listener = await listen({ allowPlain: true });
    const peer = rawCaller(t, listener);
    peer.stream.end('all that I have to say');
    await listener.next('request');
    let request: ConnectRequest | undefined;
    listener.socket.accept((offered) => {
      request = offered;
      return { verdict: CF_DEFER };
    });
    await roundTrips();
    const callee = await accepted(listener, acceptAll, request);
    t.equal(String(await callee.read()), 'all that I have to say');
    t.equal(await callee.lastWord(), undefined);
  });

  await t.test('can be refused like any other', async (t) => {
    const listener = await listen({ allowPlain: true });
    const peer = rawCaller(t, listener);
    peer.stream.write('hello');
    await listener.next('request');
    t.equal(
      listener.socket.accept(() => ({
        verdict: CF_REJECT,
        data: Buffer.from('no frames for you'),
      })),
      WSAECONNREFUSED,
    );
    await peer.end();
    t.equal(peer.received.length, 0);
  });
});

t.test('connections that never call', async (t) => {
  await t.test('closed before the first octet: counted', async (t) => {
    const listener = await listen();
    const peer = rawCaller(t, listener);
    peer.stream.end();
    await peer.end();
    t.equal(listener.socket.statistics?.probes, 1);
    t.strictSame(listener.handshakeFailures, []);
  });

  await t.test('silent: closed in time', async (t) => {
    const listener = await listen({ handshakeTimeout: 20 });
    const peer = rawCaller(t, listener);
    await peer.end();
    t.equal(peer.received.length, 0);
    t.match(listener.handshakeFailures, [{ status: WSAETIMEDOUT }]);
    t.equal(listener.socket.statistics?.handshakeTimeouts, 1);
  });

  await t.test(
    'too many: the oldest gives way, and the others go on',
    async (t) => {
      const listener = await listen({ maxPending: 2 });
      const silent: RawPeer[] = [];
      while (silent.length < 2) {
        silent.push(rawCaller(t, listener));
        const { length } = silent;
        while (listener.socket.statistics.pending < length) await nextTurn();
      }
      // Any octets that they sent are read first.
      await nextTurn();
      await nextTurn();
      await connected(listener, targetOf(listener));
      await silent[0]!.end();
      t.equal(listener.socket.statistics.overLimit, 1);

      silent[1]!.stream.write(call());
      await accepted(listener);
      await connected(listener, targetOf(listener));
    },
  );
});

t.test('octets after CONNECT', async (t) => {
  await t.test('are delivered if it is accepted', async (t) => {
    const listener = await listen();
    const peer = rawCaller(t, listener);
    peer.stream.write(
      Buffer.concat([call(), frame(FrameType.DATA, 'early bird')]),
    );
    const callee = await accepted(listener);
    await callee.until(() => callee.socket.inbox.receivable > 0);
    t.equal(text(callee.socket.inbox.receive()), 'early bird');
  });

  await t.test('are held within a bound', async (t) => {
    const listener = await listen({ receiveBuffer: 64 * 1024 });
    const peer = rawCaller(t, listener);
    const flood = Buffer.alloc(16 * 1024 * 1024 - 1, 'x');
    peer.stream.write(call());
    // Written in pieces, since Windows takes one write of any size at once.
    const octets = frame(FrameType.DATA, flood);
    let left = octets.length;
    const writeOn = () => {
      if (left === 0) return;
      const piece = octets.subarray(-left).subarray(0, 64 * 1024);
      left -= piece.length;
      peer.stream.write(piece, writeOn);
    };
    writeOn();
    await listener.next('request');
    let request: ConnectRequest | undefined;
    listener.socket.accept((offered) => {
      request = offered;
      return { verdict: CF_DEFER };
    });
    // Enough time to receive all of it.
    await roundTrips(200);
    t.ok(left > 0, 'the rest waits at the peer');
    const callee = listener.socket.accept(acceptAll, request);
    if (typeof callee === 'number') throw new Error(`accept gave ${callee}`);
    let read = 0;
    const drain = () => {
      for (;;) {
        const piece = callee.inbox.receive();
        if (typeof piece === 'number') return;
        read += piece.length;
      }
    };
    await new Promise<void>((resolve) => {
      callee.owner = ownerThat({
        onReadable() {
          drain();
          if (read === flood.length) resolve();
        },
      });
    });
    t.equal(read, flood.length, 'and none of it is lost');
  });
});

t.test('a request that is taken back', async (t) => {
  const leave = {
    'by FIN': (peer: RawPeer) => peer.stream.end(),
    'by reset': (peer: RawPeer) => peer.stream.resetAndDestroy(),
  };
  for (const [how, go] of Object.entries(leave)) {
    await t.test(`${how}, before it was offered`, async (t) => {
      const listener = await listen();
      const peer = rawCaller(t, listener);
      peer.stream.write(call());
      await listener.next('request');
      go(peer);
      while (listener.socket.statistics.withdrawn === 0) await nextTurn();
      t.equal(listener.socket.accept(acceptAll), WSAEWOULDBLOCK);
    });

    await t.test(`${how}, while deferred`, async (t) => {
      const listener = await listen();
      const peer = rawCaller(t, listener);
      peer.stream.write(call());
      await listener.next('request');
      t.equal(
        listener.socket.accept(() => ({ verdict: CF_DEFER })),
        WSATRY_AGAIN,
      );
      go(peer);
      await listener.next('request');
      t.equal(listener.socket.accept(acceptAll), WSAECONNRESET);
      t.equal(listener.socket.accept(acceptAll), WSAEWOULDBLOCK, 'told once');
    });

    await t.test(`${how}, in the condition function's back`, async (t) => {
      const listener = await listen();
      const peer = rawCaller(t, listener);
      peer.stream.write(call());
      await listener.next('request');
      let request: ConnectRequest | undefined;
      listener.socket.accept((offered) => {
        request = offered;
        return { verdict: CF_DEFER };
      });
      const withdrawn = new Promise<void>((resolve) => {
        request!.onwithdrawn = resolve;
      });
      go(peer);
      await withdrawn;
      t.equal(request!.withdrawn, true);
      t.equal(listener.socket.accept(acceptAll, request), WSAECONNRESET);
      t.equal(listener.socket.accept(acceptAll), WSAEWOULDBLOCK);
    });
  }

  await t.test('by the callee, for its age', async (t) => {
    const listener = await listen({ deferTimeout: 20 });
    const caller = dialing(targetOf(listener));
    await listener.next('request');
    listener.socket.accept(() => ({ verdict: CF_DEFER }));
    t.equal(await caller.next('connect'), WSAETIMEDOUT);
    t.equal(listener.socket.accept(acceptAll), WSAECONNRESET);
  });

  await t.test('by the closing of the listener', async (t) => {
    const listener = await listening(tcp);
    const deferred = dialing(targetOf(listener));
    await listener.next('request');
    listener.socket.accept(() => ({ verdict: CF_DEFER }));
    const arrived = dialing(targetOf(listener));
    await listener.next('request');
    listener.socket.close(Buffer.from('closing time'));
    for (const caller of [deferred, arrived]) {
      t.equal(await caller.next('connect'), WSAECONNREFUSED);
      t.equal(text(caller.socket.failure?.rejectData), 'closing time');
    }
  });
});

t.test('deferring', async (t) => {
  await t.test('the oldest deferred request comes first', async (t) => {
    const listener = await listen();
    for (const name of ['first', 'second']) {
      dialing(targetOf(listener), { callerData: Buffer.from(name) });
      await listener.next('request');
    }
    const offered: unknown[] = [];
    const defer = (request: ConnectRequest) => {
      offered.push([text(request.callerData), request.deferred]);
      return { verdict: CF_DEFER };
    };
    t.equal(listener.socket.accept(defer), WSATRY_AGAIN);
    t.equal(listener.socket.accept(defer), WSATRY_AGAIN);
    t.equal(listener.socket.accept(defer, 'new'), WSATRY_AGAIN);
    t.equal(listener.socket.accept(defer, 'new'), WSAEWOULDBLOCK);
    t.equal(listener.socket.accept(defer), WSATRY_AGAIN);
    t.strictSame(offered, [
      ['first', false],
      ['first', true],
      ['second', false],
      ['first', true],
    ]);
    t.equal(listener.socket.statistics.deferred, 2);
  });

  await t.test('is bounded', async (t) => {
    const listener = await listen({ maxDeferred: 1 });
    const callers = [
      dialing(targetOf(listener)),
      dialing(targetOf(listener)),
    ] as const;
    const defer = () => ({ verdict: CF_DEFER });
    await listener.next('request');
    t.equal(listener.socket.accept(defer, 'new'), WSATRY_AGAIN);
    await listener.next('request');
    t.equal(listener.socket.accept(defer, 'new'), WSAENOBUFS);
    const first = await Promise.race(
      callers.map((caller) => caller.next('connect')),
    );
    t.equal(first, WSAECONNREFUSED);
    t.equal(listener.socket.statistics.overLimit, 1);
  });
});

t.test('verdicts that cannot be carried out leave the request', async (t) => {
  const listener = await listen();
  const caller = dialing(targetOf(listener), { calleeDataLimit: 4 });
  await listener.next('request');
  const { socket } = listener;
  t.equal(
    socket.accept(() => ({ verdict: 7 })),
    WSAEINVAL,
  );
  t.equal(
    socket.accept(() => ({ verdict: CF_ACCEPT, data: Buffer.alloc(5) })),
    WSAEFAULT,
  );
  t.equal(
    socket.accept(() => ({ verdict: CF_REJECT, data: Buffer.alloc(5) })),
    WSAEFAULT,
  );
  t.throws(
    () =>
      socket.accept(() => {
        throw new Error('in the condition function');
      }),
    { message: 'in the condition function' },
  );
  const callee = socket.accept(() => ({
    verdict: CF_ACCEPT,
    data: Buffer.from('four'),
  }));
  t.not(typeof callee, 'number');
  t.equal(await caller.next('connect'), 0);
  t.equal(text(caller.socket.connectData.calleeData), 'four');
});

t.test('after the handshake a broken rule is a reset', async (t) => {
  const header = (hex: string) => Buffer.from(hex, 'hex');
  const cases: [name: string, octets: Buffer, told: RegExp][] = [
    ['a second CONNECT', connectFrame(), /^unexpected-frame/],
    ['an unknown critical frame', header('7f000000'), /^unknown-frame/],
    ['too much disconnect data', header('05ffffff'), /^frame-too-long/],
    ['a field that overruns', frame(0x05, header('01ffff')), /^field-overrun/],
    [
      'more disconnect data than announced',
      disconnectFrame('x'.repeat(limits.disconnectData + 1)),
      /^user-data-too-long/,
    ],
  ];
  for (const [name, octets, told] of cases) {
    await t.test(name, async (t) => {
      const listener = await listen();
      const peer = rawCaller(t, listener);
      peer.stream.write(call());
      const callee = await accepted(listener);
      peer.stream.write(
        Buffer.concat([frame(FrameType.DATA, 'before'), octets]),
      );
      t.equal(String(await callee.read()), 'before', 'what came is kept');
      t.equal(await callee.next('closed'), WSAECONNRESET);
      t.match(callee.socket.failure, { status: WSAECONNRESET, detail: told });
      t.equal(callee.socket.inbox.receive(), WSAECONNRESET);
      t.equal(callee.socket.send(Buffer.from('x')), WSAECONNRESET);
      t.equal(callee.socket.inbox.receiveDisconnect(9), undefined);
      callee.socket.close();

      await peer.end();
      const said = peer.received.subarray(-8 - 260).toString('latin1');
      t.match(said, new RegExp(told.source.slice(1)), 'the peer is told why');
    });
  }

  await t.test('octets after DISCONNECT', async (t) => {
    const listener = await listen();
    const peer = rawCaller(t, listener);
    peer.stream.write(call());
    const callee = await accepted(listener);
    peer.stream.write(
      Buffer.concat([disconnectFrame('bye'), frame(FrameType.DATA, 'late')]),
    );
    t.equal(await callee.lastWord(), 'bye', 'the last word was said');
    t.match(callee.socket.failure, { detail: /^trailing-octets/ });
    t.equal(callee.socket.send(Buffer.from('x')), WSAECONNRESET);
    t.equal(
      callee.told.filter(({ event }) => event === 'closed').length,
      1,
      'one close indication',
    );
    callee.socket.close();
  });

  await t.test('FIN inside a frame', async (t) => {
    const listener = await listen();
    const peer = rawCaller(t, listener);
    peer.stream.write(call());
    const callee = await accepted(listener);
    peer.stream.end(frame(FrameType.DATA, 'hello').subarray(0, 7));
    t.equal(String(await callee.read()), 'hel');
    t.equal(await callee.next('closed'), WSAECONNRESET);
    t.match(callee.socket.failure, { detail: /^truncated/ });
    callee.socket.close();
  });

  await t.test('FIN between frames is graceful', async (t) => {
    const listener = await listen();
    const peer = rawCaller(t, listener);
    peer.stream.write(call());
    const callee = await accepted(listener);
    peer.stream.end(frame(FrameType.DATA, 'hello'));
    t.equal(String(await callee.read()), 'hello');
    t.equal(await callee.lastWord(), undefined);
    callee.socket.close();
  });
});
