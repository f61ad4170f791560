import { setImmediate as nextTurn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import {
  CF_ACCEPT,
  CF_DEFER,
  CF_REJECT,
  SOCK_SEQPACKET,
} from '../../../src/vocabulary/constants.js';
import {
  WSAECONNREFUSED,
  WSAECONNRESET,
  WSAEFAULT,
  WSAEMSGSIZE,
  WSAENOBUFS,
  WSAETIMEDOUT,
  WSATRY_AGAIN,
} from '../../../src/vocabulary/error-codes.js';
import { encodeFrameHeader } from '../../../src/provider/framed/encoder.js';
import { decodeFields } from '../../../src/provider/framed/fields.js';
import { FrameType } from '../../../src/provider/framed/wire.js';
import type {
  ConnectRequest,
  ProviderConnection,
  SocketOptions,
} from '../../../src/provider/provider.js';
import {
  abortAll,
  acceptAll,
  accepted,
  connected,
  dialing,
  listening,
  rawCaller,
  type RawPeer,
  targetOf,
  text,
  type Watched,
  type WatchedListener,
} from '../../support/seam.js';
import {
  call,
  calleePreface,
  callerPreface,
  connectFrame,
  frame,
} from '../../support/wire.js';

// Contract rows 2, 5 and 12: at a limit everything works; one past it, the documented
// effect occurs, and affects no other connection.

t.afterEach(abortAll);

const tcp = { port: 0, host: '127.0.0.1' };
const defer = () => ({ verdict: CF_DEFER });

function listen(
  options: Partial<SocketOptions> = {},
): Promise<WatchedListener> {
  return listening(tcp, options);
}

/** Resolves when the connection works in both directions. */
async function goesOn(t: Test, caller: Watched, callee: Watched) {
  for (const [from, to] of [
    [caller, callee],
    [callee, caller],
  ] as const) {
    t.equal(from.socket.send(Buffer.from('x')), 0);
    await to.until(() => to.socket.inbox.receivable > 0);
    t.equal(text(to.socket.inbox.receive()), 'x');
  }
}

for (const limit of [0, 1, 4096, 65_535]) {
  t.test(`user data of ${limit} octets`, async (t) => {
    const fits = limit === 0 ? undefined : Buffer.alloc(limit, 'f');
    const tooLong = Buffer.alloc(limit + 1, 't');
    const expected = fits && String(fits);
    const options = { userDataLimit: limit };
    const there = { calleeDataLimit: limit };

    await t.test('from the caller', async (t) => {
      const listener = await listen(options);
      const target = targetOf(listener);
      const caller = dialing(target, { callerData: fits });
      await accepted(listener, ({ callerData }) => {
        t.equal(text(callerData), expected);
        return { verdict: CF_ACCEPT };
      });
      t.equal(await caller.next('connect'), 0);
      if (limit === 65_535) return; // No field is longer.
      const refused = dialing(target, { callerData: tooLong });
      t.equal(await refused.next('connect'), WSAEFAULT);
    });

    for (const verdict of [CF_ACCEPT, CF_REJECT]) {
      const name = verdict === CF_ACCEPT ? 'acceptance' : 'refusal';
      await t.test(`with the ${name}`, async (t) => {
        const listener = await listen();
        const caller = dialing(targetOf(listener), there, options);
        await listener.next('request');
        // A peer with a limit of 0 wants no data, so it is dropped.
        const data = limit === 0 ? tooLong : fits;
        if (limit > 0) {
          t.equal(
            listener.socket.accept(() => ({ verdict, data: tooLong })),
            WSAEFAULT,
            'a local error, and the request stays',
          );
        }
        listener.socket.accept(() => ({ verdict, data }));
        const isAccepted = verdict === CF_ACCEPT;
        t.equal(await caller.next('connect'), isAccepted ? 0 : WSAECONNREFUSED);
        const { connectData, failure } = caller.socket;
        t.equal(
          text(isAccepted ? connectData.calleeData : failure?.rejectData),
          expected,
        );
      });
    }

    await t.test('as a last word, either way', async (t) => {
      const listener = await listen(options);
      const { caller, callee } = await connected(
        listener,
        targetOf(listener),
        options,
      );
      for (const [from, to] of [
        [caller, callee],
        [callee, caller],
      ] as const) {
        t.equal(from.socket.sendDisconnect(tooLong), WSAEMSGSIZE);
        if (from === caller) await goesOn(t, caller, callee);
        t.equal(from.socket.sendDisconnect(fits), 0);
        t.equal(await to.lastWord(), expected);
      }
    });
  });
}

t.test('a message as long as its reader takes, and longer', async (t) => {
  const options = { socketType: SOCK_SEQPACKET, messageLimit: 5000 };
  for (const length of [5000, 5001]) {
    const listener = await listen(options);
    const peer = rawCaller(t, listener);
    peer.stream.write(call({ socketType: SOCK_SEQPACKET }));
    const callee = await accepted(listener);
    peer.stream.write(frame(FrameType.DATA, 'm'.repeat(length)));
    if (length === 5000) {
      await callee.until(() => callee.socket.inbox.receivable > 0);
      t.equal(text(callee.socket.inbox.receive()), 'm'.repeat(length));
    } else {
      t.equal(await callee.next('closed'), WSAECONNRESET);
      t.match(callee.socket.failure, { detail: /^frame-too-long/ });
    }
  }
});

/** The most octets that a transport reads at a time. */
const ONE_READ = 64 * 1024 + 64;

t.test('receiveBuffer', async (t) => {
  const connectRaw = async (receiveBuffer: number) => {
    const listener = await listen({ receiveBuffer });
    const peer = rawCaller(t, listener);
    peer.stream.write(call());
    const watched = await accepted(listener);
    const other = await connected(listener, targetOf(listener));
    return {
      watched,
      socket: watched.socket,
      /** Resolves when the system has it, and the readable part has been read. */
      send: async (octets: string) => {
        const data = frame(FrameType.DATA, octets);
        await new Promise<unknown>((sent) => peer.stream.write(data, sent));
        await goesOn(t, other.caller, other.callee);
        await goesOn(t, other.caller, other.callee);
      },
      peer,
      others: () => goesOn(t, other.caller, other.callee),
    };
  };
  const until = async (test: () => boolean) => {
    while (!test()) await nextTurn();
  };

  await t.test('reading stops at it, and not before', async (t) => {
    // A waiting piece counts as a little more than its octets.
    const { socket, send } = await connectRaw(10_000);
    await send('a'.repeat(9800));
    await until(() => socket.inbox.receivable === 9800);
    await send('b'.repeat(199));
    await until(() => socket.inbox.receivable === 9999);
    await send('c');
    t.equal(socket.inbox.receivable, 9999, 'what comes past it stays outside');

    t.equal(text(socket.inbox.receive(4000)), 'a'.repeat(4000));
    await send('d');
    t.equal(socket.inbox.receivable, 5999, 'also while more than half is left');
    t.equal(text(socket.inbox.receive()), 'a'.repeat(5800));
    await until(() => socket.inbox.receivable === 201);
    t.equal(text(socket.inbox.peek(201)), `${'b'.repeat(199)}cd`);
  });

  for (const receiveBuffer of [1, 1000, ONE_READ]) {
    const name = `of ${receiveBuffer} octets: one read more at most waits`;
    await t.test(name, async (t) => {
      const { socket, peer, others } = await connectRaw(receiveBuffer);
      const frames = Array.from({ length: 64 }, (_, at) =>
        frame(FrameType.DATA, Buffer.alloc(ONE_READ, at)),
      );
      for (const octets of frames) peer.stream.write(octets);
      // The pieces' overhead leaves space for fewer octets.
      await until(() => socket.inbox.receivable >= 0.9 * receiveBuffer);
      for (let round = 0; round < 5; round++) await others();
      t.ok(
        socket.inbox.receivable < receiveBuffer + ONE_READ,
        `${socket.inbox.receivable} octets wait`,
      );

      const pieces: Uint8Array[] = [];
      for (let left = frames.length * ONE_READ; left > 0;) {
        await until(() => socket.inbox.readable);
        const piece = socket.inbox.receive() as Uint8Array;
        pieces.push(piece);
        left -= piece.length;
      }
      const expected = Buffer.concat(
        frames.map((octets) => octets.subarray(4)),
      );
      t.ok(Buffer.concat(pieces).equals(expected), 'nothing is lost');
    });
  }

  // Each in the middle of what one turn of the loop can read.
  const acts: [string, (socket: ProviderConnection) => unknown][] = [
    ['closed', (socket) => socket.close()],
    ['aborted', (socket) => socket.close(0)],
    ['shut', (socket) => socket.inbox.shutdownReceive()],
    ['read from', (socket) => socket.inbox.receive()],
  ];
  for (const [name, act] of acts) {
    await t.test(`${name} when the first of much is there`, async (t) => {
      const { watched, socket, peer, others } = await connectRaw(ONE_READ);
      const tell = watched.onReadable.bind(watched);
      watched.onReadable = () => {
        act(socket);
        tell();
      };
      const octets = frame(FrameType.DATA, Buffer.alloc(ONE_READ));
      for (let count = 0; count < 64; count++) peer.stream.write(octets);
      await watched.next('readable');
      for (let round = 0; round < 5; round++) await others();
      t.ok(
        socket.inbox.receivable < 2 * ONE_READ,
        `${socket.inbox.receivable} wait`,
      );
    });
  }
});

t.test('maxPending', async (t) => {
  await t.test('counts handshakes, and untaken requests', async (t) => {
    const listener = await listen({ maxPending: 2 });
    const silent = rawCaller(t, listener);
    while (listener.socket.statistics.pending < 1) await nextTurn();
    const first = dialing(targetOf(listener));
    await listener.next('request');

    // Callers that sent nothing give way to those that did.
    const second = dialing(targetOf(listener));
    await listener.next('request');
    await silent.end();
    t.match(listener.socket.statistics, { overLimit: 1, probes: 0 });

    const third = dialing(targetOf(listener));
    t.equal(await third.next('connect'), WSAECONNREFUSED);
    t.match(listener.socket.statistics, { overLimit: 2, withdrawn: 0 });

    for (const caller of [first, second]) {
      t.not(typeof listener.socket.accept(acceptAll), 'number');
      t.equal(await caller.next('connect'), 0);
    }
    await connected(listener, targetOf(listener));
    t.equal(listener.socket.statistics.overLimit, 2, 'no other one');
  });

  await t.test('does so one by one in a burst', async (t) => {
    const maxPending = 50;
    const listener = await listen({ maxPending });
    const peers = Array.from({ length: 2 * maxPending }, () =>
      rawCaller(t, listener),
    );
    const { socket } = listener;
    while (socket.statistics.overLimit < maxPending) await nextTurn();
    t.match(socket.statistics, { pending: maxPending, overLimit: maxPending });
    // The remaining callers are refused or accepted, and each is told.
    for (const { stream } of peers) stream.write(call());
    for (let taken = 0; taken < maxPending; taken++) await accepted(listener);
    t.match(socket.statistics, { pending: 0, overLimit: maxPending });
    t.not(typeof (await connected(listener, targetOf(listener))), 'number');
  });

  await t.test('lets the handshake go that has taken longest', async (t) => {
    const listener = await listen({ maxPending: 2 });
    const { socket } = listener;
    const slow: RawPeer[] = [];
    for (const said of [callerPreface, callerPreface.subarray(0, 3)]) {
      const peer = rawCaller(t, listener);
      peer.stream.write(said);
      slow.push(peer);
      while (socket.statistics.pending < slow.length) await nextTurn();
    }
    await slow[0]!.receive(calleePreface.length);
    const first = connected(listener, targetOf(listener));
    await slow[0]!.end();
    await first;
    t.match(socket.statistics, { pending: 1, overLimit: 1, withdrawn: 0 });
    slow[1]!.stream.write(call().subarray(3));
    await accepted(listener);
  });

  await t.test('callers are served while 500 dribble', async (t) => {
    const listener = await listen({ maxPending: 100 });
    const { socket } = listener;
    const octets = call();
    const dribblers: RawPeer[] = [];
    const dribble = () => {
      const peer = rawCaller(t, listener);
      let at = 0;
      const go = () => {
        if (peer.stream.destroyed || at === octets.length - 1) return;
        peer.stream.write(octets.subarray(at, ++at), () => setImmediate(go));
      };
      go();
      dribblers.push(peer);
    };
    for (let count = 0; count < 500; count++) dribble();
    while (socket.statistics.overLimit < 400) await nextTurn();
    for (let served = 0; served < 20; served++) {
      await connected(listener, targetOf(listener));
    }
    t.ok(socket.statistics.pending <= 100);
    t.equal(socket.statistics.violations, 0);
  });
});

t.test('maxPendingPerAddress', async (t) => {
  const listener = await listen({ maxPending: 4, maxPendingPerAddress: 2 });
  const { socket } = listener;
  const silent = [rawCaller(t, listener), rawCaller(t, listener)];
  while (socket.statistics.pending < 2) await nextTurn();
  for (let count = 0; count < 3; count++) {
    const caller = dialing(targetOf(listener));
    t.equal(await caller.next('connect'), WSAECONNREFUSED);
  }
  t.match(socket.statistics, { pending: 2, overLimit: 3 });
  // A caller that is served or leaves no longer has a share.
  silent[0]!.stream.write(call());
  await accepted(listener);
  silent[1]!.stream.destroy();
  while (socket.statistics.pending > 0) await nextTurn();
  for (let count = 0; count < 3; count++) {
    await connected(listener, targetOf(listener));
  }
  const waiting = [rawCaller(t, listener), rawCaller(t, listener)];
  for (const { stream } of waiting) stream.write(call());
  while (socket.statistics.pending > 0) await nextTurn();
  t.equal(socket.statistics.overLimit, 3);
});

t.test('maxDeferred: a place that is free again', async (t) => {
  const listener = await listen({ maxDeferred: 1 });
  const call = async () => {
    const caller = dialing(targetOf(listener));
    await listener.next('request');
    return caller;
  };
  const first = await call();
  t.equal(listener.socket.accept(defer, 'new'), WSATRY_AGAIN);
  const second = await call();
  t.equal(listener.socket.accept(defer, 'new'), WSAENOBUFS);
  t.equal(await second.next('connect'), WSAECONNREFUSED);
  t.not(typeof listener.socket.accept(acceptAll), 'number');
  t.equal(await first.next('connect'), 0);
  await call();
  t.equal(listener.socket.accept(defer, 'new'), WSATRY_AGAIN);
  t.match(listener.socket.statistics, { deferred: 1, overLimit: 1 });
});

t.test('handshakeTimeout', async (t) => {
  await t.test('is not put off by octets', async (t) => {
    const listener = await listen({ handshakeTimeout: 50 });
    const peer = rawCaller(t, listener);
    peer.stream.write(callerPreface);
    await peer.receive(calleePreface.length);
    while (!peer.ended) {
      if (peer.stream.writable) peer.stream.write(frame(0x90, 'patience'));
      await nextTurn();
    }
    const said = peer.received.subarray(calleePreface.length);
    t.match(
      { type: said[0], ...decodeFields(said.subarray(4)) },
      { type: FrameType.REJECT, status: WSAETIMEDOUT },
    );
    t.equal(listener.socket.statistics.handshakeTimeouts, 1);
  });

  await t.test('is over with the handshake', async (t) => {
    const listener = await listen({ handshakeTimeout: 50 });
    const open = await connected(listener, targetOf(listener));
    const caller = dialing(targetOf(listener));
    await listener.next('request');
    const request = deferred(listener);
    // A later caller has had its time.
    await rawCaller(t, listener).end();
    t.equal(listener.socket.statistics.handshakeTimeouts, 1);
    const callee = await accepted(listener, acceptAll, request);
    t.equal(await caller.next('connect'), 0);
    await goesOn(t, caller, callee);
    await goesOn(t, open.caller, open.callee);
  });
});

t.test('an ignorable frame as long as there is', async (t) => {
  const listener = await listen();
  const raw = rawCaller(t, listener);
  const length = 0xffffff;
  raw.stream.write(callerPreface);
  raw.stream.write(encodeFrameHeader(0xf0, length));
  // All of it is dropped on arrival: no buffer is big enough to hold it, and there is
  // nothing to report until CONNECT.
  raw.stream.write(Buffer.alloc(length));
  raw.stream.write(connectFrame());
  await listener.next('request');
  t.type(listener.socket.accept(acceptAll), 'object');
});

t.test('deferTimeout ends with the verdict', async (t) => {
  const listener = await listen({ deferTimeout: 50 });
  const call = async () => {
    const caller = dialing(targetOf(listener));
    await listener.next('request');
    t.equal(listener.socket.accept(defer, 'new'), WSATRY_AGAIN);
    return caller;
  };
  const inTime = await call();
  const callee = await accepted(listener, acceptAll, deferred(listener));
  const tooLate = await call();
  t.equal(await tooLate.next('connect'), WSAETIMEDOUT);
  t.equal(listener.socket.accept(acceptAll), WSAECONNRESET);
  t.equal(await inTime.next('connect'), 0);
  await goesOn(t, inTime, callee);
});

/** The oldest request, deferred (again). */
function deferred(listener: WatchedListener): ConnectRequest {
  let request: ConnectRequest | undefined;
  listener.socket.accept((offered) => {
    request = offered;
    return { verdict: CF_DEFER };
  });
  return request!;
}
