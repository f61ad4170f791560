import {
  connect as connectNet,
  createServer,
  type AddressInfo,
  type Server,
  type Socket as NetSocket,
} from 'node:net';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import {
  WSAEALREADY,
  WSAECONNREFUSED,
  WSAECONNRESET,
  WSAEFAULT,
  WSAEISCONN,
  WSAEMSGSIZE,
  WSAENOTCONN,
  WSAENOTSOCK,
  WSAEOPNOTSUPP,
  WSAEPROTONOSUPPORT,
  WSAETIMEDOUT,
  WSAEWOULDBLOCK,
  WSAVERNOTSUPPORTED,
} from '../../../src/vocabulary/error-codes.js';
import {
  SERVICETYPE_GUARANTEED,
  flowspec,
} from '../../../src/vocabulary/qos.js';
import { encodePreface } from '../../../src/provider/framed/encoder.js';
import { FrameType, Role } from '../../../src/provider/framed/wire.js';
import {
  RawPeer,
  abortAll,
  connected,
  dialing,
  listening,
  newConnection,
  targetOf,
  text,
} from '../../support/seam.js';
import { needsUnix } from '../../support/platform.js';
import {
  acceptFrame,
  calleePreface,
  connectFrame,
  control,
  disconnectFrame,
  frame,
} from '../../support/wire.js';

t.afterEach(abortAll);

/** A server that treats each connection as the test says. */
async function rawCallee(
  t: Test,
  serve: (peer: RawPeer) => void,
): Promise<{ port: number; host: string }> {
  const connections = new Set<NetSocket>();
  const server: Server = createServer({ allowHalfOpen: true }, (stream) => {
    connections.add(stream);
    serve(new RawPeer(stream));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const stream of connections) stream.destroy();
  });
  return {
    port: (server.address() as { port: number }).port,
    host: '127.0.0.1',
  };
}

const accepting =
  (...more: Uint8Array[]) =>
  (peer: RawPeer) => {
    peer.stream.write(Buffer.concat([calleePreface, acceptFrame(), ...more]));
  };

t.test('callees that a connect fails at', async (t) => {
  const say =
    (...octets: (Uint8Array | string)[]) =>
    (peer: RawPeer) => {
      for (const some of octets) peer.stream.write(some);
    };
  const cases: {
    name: string;
    serve: (peer: RawPeer) => void;
    status: number;
    detail: RegExp;
    connectTimeout?: number;
  }[] = [
    {
      name: 'a web server',
      serve: say('HTTP/1.1 400 Bad Request\r\n\r\n'),
      status: WSAEPROTONOSUPPORT,
      detail: /^bad-magic: .*began with 48 54 54 50/,
    },
    {
      name: 'an echo server',
      serve: (peer) => peer.stream.pipe(peer.stream),
      status: WSAEPROTONOSUPPORT,
      detail: /^bad-role: .*echoes/,
    },
    {
      name: 'one that closes at once',
      serve: (peer) => peer.stream.end(),
      status: WSAECONNREFUSED,
      detail: /before the callee answered/,
    },
    {
      name: 'one that resets at once',
      serve: (peer) => peer.stream.resetAndDestroy(),
      status: WSAECONNREFUSED,
      detail: /before the callee answered/,
    },
    {
      name: 'one that closes in its preface',
      serve: (peer) => peer.stream.end(calleePreface.subarray(0, 3)),
      status: WSAECONNRESET,
      detail: /^truncated: .* 3 octets of the preface/,
    },
    {
      name: 'one that resets in its preface',
      serve: (peer) => {
        const part = calleePreface.subarray(0, 3);
        peer.stream.write(part, () => {
          void peer.receive(9).then(() => peer.stream.resetAndDestroy());
        });
      },
      status: WSAECONNREFUSED,
      detail: /before the callee answered/,
    },
    {
      name: 'one that resets in the handshake',
      serve: (peer) => {
        peer.stream.write(calleePreface, () => {
          void peer.receive(9).then(() => peer.stream.resetAndDestroy());
        });
      },
      status: WSAECONNRESET,
      detail: /.*/,
    },
    {
      name: 'one that is silent',
      serve: () => {},
      // The next connection, which is answered, has no more either.
      connectTimeout: 1000,
      status: WSAETIMEDOUT,
      detail: /did not answer within 1000 ms/,
    },
    {
      name: 'one that speaks other versions',
      serve: say(encodePreface(Role.callee, 7, 9)),
      status: WSAVERNOTSUPPORTED,
      detail: /versions 7 to 9, this side 1 to 1/,
    },
    {
      name: 'one that does not choose a version',
      serve: say(encodePreface(Role.callee, 1, 2)),
      status: WSAECONNRESET,
      detail: /^bad-version/,
    },
    {
      name: 'one that sends data before its verdict',
      serve: say(calleePreface, frame(FrameType.DATA, 'x')),
      status: WSAECONNRESET,
      detail: /^unexpected-frame/,
    },
    {
      name: 'one that accepts without limits',
      serve: say(calleePreface, control(FrameType.ACCEPT, {})),
      status: WSAECONNRESET,
      detail: /^missing-field/,
    },
    {
      name: 'one that sends more callee data than fits',
      serve: say(calleePreface, acceptFrame({ userData: Buffer.alloc(4097) })),
      status: WSAECONNRESET,
      detail: /^user-data-too-long/,
    },
    {
      name: 'one that ends inside its verdict',
      serve: (peer) => {
        peer.stream.end(
          Buffer.concat([calleePreface, acceptFrame().subarray(0, 6)]),
        );
      },
      status: WSAECONNRESET,
      detail: /^truncated/,
    },
    {
      name: 'one that refuses with an unknown status',
      serve: say(calleePreface, control(FrameType.REJECT, { status: 4711 })),
      status: WSAECONNREFUSED,
      detail: /refused/,
    },
    {
      name: 'one that resets by a frame',
      serve: say(
        calleePreface,
        control(FrameType.RESET, { reason: 'no\u001b[31mcolour' }),
      ),
      status: WSAECONNRESET,
      detail: /reset the connection: no\?\[31mcolour$/,
    },
  ];
  for (const { name, serve, status, detail, connectTimeout } of cases) {
    await t.test(name, async (t) => {
      const target = await rawCallee(t, serve);
      const caller = dialing(
        target,
        {},
        connectTimeout === undefined ? {} : { connectTimeout },
      );
      t.equal(await caller.next('connect'), status);
      t.match(caller.socket.failure?.detail ?? '', detail);
      t.equal(caller.socket.send(Buffer.from('x')), WSAENOTCONN);
      t.equal(caller.socket.inbox.receive(), WSAENOTCONN);

      // The same socket may try again (WSAConnect, "Remarks").
      const listener = await listening({ port: 0, host: '127.0.0.1' });
      t.equal(
        caller.socket.connect(targetOf(listener), { calleeDataLimit: 0 }),
        WSAEWOULDBLOCK,
      );
      listener.ontold = () => {
        listener.socket.accept(() => ({ verdict: 0 }));
      };
      t.equal(await caller.next('connect'), 0);
    });
  }
});

t.test('nobody listens', async (t) => {
  // A caller's own port: one that was closed may stay in use for a moment.
  const listener = await listening({ port: 0, host: '127.0.0.1' });
  const { port, host } = targetOf(listener);
  const other = connectNet(port, host);
  await once(other, 'connect');
  const caller = dialing({ port: other.localPort!, host });
  t.equal(await caller.next('connect'), WSAECONNREFUSED);
  t.match(caller.socket.failure?.cause, { code: 'ECONNREFUSED' });
  other.destroy();
  listener.socket.close();
});

t.test('nobody listens, and the caller itself has that port', async (t) => {
  const host = '127.0.0.1';
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // The port is free once the server reports that it is closed.
  await once(server.close(), 'close');
  const target = { port, host, localPort: port, localAddress: host };
  const caller = dialing(target);
  t.equal(await caller.next('connect'), WSAECONNREFUSED);
  t.match(caller.socket.failure?.detail, /connected the socket to itself/);
});

t.test('connects that fail locally', async (t) => {
  const target = await rawCallee(t, () => {});
  const guaranteed = flowspec({ serviceType: SERVICETYPE_GUARANTEED });
  const cases = [
    { status: WSAEFAULT, callerData: Buffer.alloc(65_536) },
    { status: WSAEFAULT, callerOptions: Buffer.alloc(65_536) },
    {
      status: WSAEOPNOTSUPP,
      sqos: { sending: guaranteed, receiving: flowspec() },
    },
    {
      status: WSAEFAULT,
      sqos: {
        sending: flowspec(),
        receiving: flowspec(),
        providerSpecific: Buffer.alloc(513),
      },
    },
  ];
  const { socket } = newConnection();
  for (const { status, ...parameters } of cases) {
    t.equal(
      socket.connect(target, { calleeDataLimit: 0, ...parameters }),
      status,
    );
  }
  t.equal(socket.connect(target, { calleeDataLimit: 0 }), WSAEWOULDBLOCK);
  t.equal(socket.connect(target, { calleeDataLimit: 0 }), WSAEALREADY);
  t.equal(socket.close(), 0);
  t.equal(socket.connect(target, { calleeDataLimit: 0 }), WSAENOTSOCK);
});

t.test('a connected caller cannot connect again', async (t) => {
  const listener = await listening({ port: 0, host: '127.0.0.1' });
  const { caller } = await connected(listener, targetOf(listener));
  t.equal(
    caller.socket.connect(targetOf(listener), { calleeDataLimit: 0 }),
    WSAEISCONN,
  );
});

const skip = needsUnix('aborts that reach the peer');
t.test('a refused caller calls again', { skip }, async (t) => {
  const peers: RawPeer[] = [];
  const target = await rawCallee(t, (peer) => peers.push(peer));
  const caller = dialing(target);
  while (peers.length < 1) await new Promise(setImmediate);
  const [first] = peers as [RawPeer];
  first.stream.end(
    Buffer.concat([
      calleePreface,
      control(FrameType.REJECT, { status: WSAECONNREFUSED }),
    ]),
  );
  t.equal(await caller.next('connect'), WSAECONNREFUSED);
  await first.end();

  caller.socket.connect(target, { calleeDataLimit: 4096 });
  while (peers.length < 2) await new Promise(setImmediate);
  const second = peers[1]!;
  await second.receive(first.received.length);
  // No preface has arrived, so no frame may be sent.
  caller.socket.close(0);
  await second.closed();
  t.same(second.received, first.received, 'an abort says nothing to it');
  t.ok(second.error, 'but resets');
});

t.test('the verdict and later frames may arrive together', async (t) => {
  const target = await rawCallee(
    t,
    accepting(frame(FrameType.DATA, 'banner'), disconnectFrame('bye')),
  );
  const caller = dialing(target);
  t.equal(await caller.next('connect'), 0);
  t.equal(String(await caller.read()), 'banner');
  t.equal(await caller.lastWord(), 'bye');
});

t.test('ignorable frames and fields are skipped', async (t) => {
  const target = await rawCallee(t, (peer) => {
    peer.stream.write(
      Buffer.concat([
        calleePreface,
        frame(0x90, 'before the verdict'),
        frame(
          FrameType.ACCEPT,
          Buffer.concat([
            acceptFrame({ userData: Buffer.from('hello') }).subarray(4),
            Buffer.from('ff000178', 'hex'),
          ]),
        ),
        frame(0xfe, 'x'.repeat(100_000)),
        frame(FrameType.DATA, 'data'),
        disconnectFrame(),
      ]),
    );
  });
  const caller = dialing(target);
  t.equal(await caller.next('connect'), 0);
  t.equal(text(caller.socket.connectData.calleeData), 'hello');
  t.equal(String(await caller.read()), 'data');
  t.equal(await caller.next('closed'), 0);
});

t.test('the callee’s limit bounds the last word', async (t) => {
  const target = await rawCallee(t, (peer) => {
    peer.stream.write(
      Buffer.concat([
        calleePreface,
        acceptFrame({
          limits: { handshakeData: 0, disconnectData: 3, message: 0 },
        }),
      ]),
    );
  });
  const caller = dialing(target);
  t.equal(await caller.next('connect'), 0);
  t.equal(caller.socket.disconnectDataLimit, 3);
  t.equal(caller.socket.sendDisconnect(Buffer.from('four')), WSAEMSGSIZE);
  t.equal(caller.socket.send(Buffer.from('still open')), 0);
  t.equal(caller.socket.sendDisconnect(Buffer.from('bye')), 0);
});

t.test('CONNECT travels with the preface, and has our limits', async (t) => {
  let called: RawPeer | undefined;
  const target = await rawCallee(t, (peer) => {
    called = peer;
  });
  dialing(
    target,
    { calleeDataLimit: 77 },
    { userDataLimit: 99, messageLimit: 5 },
  );
  while (!called) await new Promise(setImmediate);
  const expected = connectFrame({
    limits: { handshakeData: 77, disconnectData: 99, message: 5 },
    idleLimit: 0,
  });
  const received = await called.receive(8 + expected.length);
  t.strictSame(received.subarray(8), expected);
});
