import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import {
  accept,
  AF_INET,
  AF_INET6,
  AF_UNIX,
  AF_UNSPEC,
  bind,
  closesocket,
  connect,
  extendedError,
  FD_ACCEPT,
  FD_CLOSE,
  FD_CONNECT,
  FROM_PROTOCOL_INFO,
  getpeername,
  getsockname,
  getsockopt,
  INVALID_SOCKET,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  listen,
  listenerStatistics,
  setsockopt,
  SO_PROTOCOL_INFO,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOCKET,
  SOL_SOCKET,
  SOMAXCONN,
  WSAAccept,
  WSACleanup,
  WSAConnect,
  WSACreateEvent,
  WSAEnumNetworkEvents,
  WSAEnumProtocols,
  WSAEventSelect,
  WSAGetLastError,
  WSARecv,
  WSARecvDisconnect,
  WSASend,
  WSASendDisconnect,
  WSASetEvent,
  WSASetLastError,
  WSASocket,
  WSAStartup,
  WSAWaitForMultipleEvents,
  XP1_CONNECT_DATA,
  XP1_DISCONNECT_DATA,
  type ProtocolInfo,
  type SOCKADDR,
} from '../../src/winsock/index.js';
import { clientTls, freePipePath, serverTls } from '../support/media.js';
import {
  anyPort,
  call,
  calling,
  closeAll,
  connected,
  lastError,
  listening,
  newParty,
  octets,
  Party,
  result,
} from '../support/winsock.js';

t.afterEach(closeAll);

const ipv6: SOCKADDR = { family: AF_INET6, address: '::1', port: 0 };
const unix = (): SOCKADDR => ({
  family: AF_UNIX,
  address: freePipePath(),
  port: 0,
});

t.test('WSAStartup and WSACleanup count', (t) => {
  const data = { version: 0, highVersion: 0, description: '' };
  t.equal(WSAStartup(0x0202, data), 0);
  t.strictSame(data, {
    version: 0x0202,
    highVersion: 0x0202,
    description: 'goodbyte',
  });
  t.equal(WSAStartup(0x0101, data), 0);
  t.equal(data.version, 0x0101);
  t.equal(WSAStartup(0x0003, data), 0);
  t.equal(data.version, 0x0202);
  t.equal(WSAStartup(0x0001), 0);
  t.equal(WSAStartup(0x0002), 0);
  t.equal(WSAStartup(0x0100), 10092);
  for (let count = 0; count < 5; count++) t.equal(WSACleanup(), 0);
  t.equal(result(WSACleanup()), 'WSANOTINITIALISED');
  WSASetLastError(7);
  t.equal(WSAGetLastError(), 7);
  t.end();
});

t.test('WSAEnumProtocols: entries that WSASocket takes', (t) => {
  const all = WSAEnumProtocols();
  t.strictSame(WSAEnumProtocols(null), all);
  t.strictSame(WSAEnumProtocols([0, IPPROTO_TCP]), all);
  t.strictSame(WSAEnumProtocols([4711]), []);
  t.ok(WSAEnumProtocols([0]).every((info) => info.addressFamily === AF_UNIX));
  const wanted = XP1_CONNECT_DATA | XP1_DISCONNECT_DATA;
  t.equal(all[0]!.serviceFlags1 & wanted, wanted, 'most preferred first');
  for (const info of all) {
    if (info.provider === 'framed') {
      t.equal(info.serviceFlags1 & wanted, wanted);
    }
    for (const [af, type, protocol] of [
      [AF_UNSPEC, 0, 0],
      [FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO],
      [info.addressFamily, info.socketType, info.protocolNumber],
    ] as const) {
      const socket = WSASocket(af, type, protocol, info);
      t.strictSame(getsockopt(socket, SOL_SOCKET, SO_PROTOCOL_INFO), info);
      t.equal(closesocket(socket), 0);
    }
  }
  t.end();
});

t.test('WSASocket: unsupported arguments', (t) => {
  for (const [af, type, protocol, error] of [
    [AF_UNSPEC, SOCK_STREAM, 0, 'WSAEAFNOSUPPORT'],
    [4711, SOCK_STREAM, 0, 'WSAEAFNOSUPPORT'],
    [AF_INET, 0, 0, 'WSAESOCKTNOSUPPORT'],
    [AF_INET, 2, 0, 'WSAESOCKTNOSUPPORT'],
    [AF_INET, SOCK_STREAM, 17, 'WSAEPROTONOSUPPORT'],
    [AF_UNIX, SOCK_STREAM, IPPROTO_TCP, 'WSAEPROTONOSUPPORT'],
  ] as const) {
    t.equal(WSASocket(af, type, protocol), INVALID_SOCKET);
    t.equal(lastError(), error);
  }
  t.end();
});

t.test('WSASocket: providers and limits', (t) => {
  for (const provider of ['auto', 'framed', undefined]) {
    const socket = WSASocket(AF_INET, SOCK_STREAM, 0, null, { provider });
    t.not(socket, INVALID_SOCKET);
    t.ok(socket instanceof SOCKET);
  }
  const make = (options: object) => () =>
    WSASocket(AF_INET, SOCK_STREAM, 0, null, options);
  t.throws(make({ provider: 'none' }), {
    code: 'ERR_OUT_OF_RANGE',
    message: /framed/,
  });
  t.throws(make({ provider: 7 }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(make({ userDataLimit: 65_536 }), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(make({ connectTimeout: 'soon' }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(make({ onHandshakeFailure: 7 }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(make({ allowPlain: 'yes' }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.end();
});

t.test('bind: refusals', async (t) => {
  const { socket } = newParty();
  for (const name of [
    ipv6,
    { ...anyPort, address: 'localhost' },
    { ...anyPort, address: '::1' },
    { family: AF_UNIX, address: '/x', port: 0 },
  ]) {
    t.equal(result(bind(socket, name)), 'WSAEFAULT');
  }
  t.equal(getsockname(socket), undefined);
  t.equal(lastError(), 'WSAEINVAL');
  t.equal(bind(socket, { ...anyPort, address: '' }), 0);
  t.strictSame(getsockname(socket), { ...anyPort, address: '0.0.0.0' });
  t.equal(result(bind(socket, anyPort)), 'WSAEINVAL');
  const { caller } = await connected();
  t.equal(result(bind(caller.socket, anyPort)), 'WSAEINVAL');
  t.equal(
    result(
      bind(newParty({ name: unix() }).socket, {
        family: AF_UNIX,
        address: '',
        port: 0,
      }),
    ),
    'WSAEFAULT',
  );
});

t.test('listen: refusals', async (t) => {
  const { socket } = newParty();
  t.equal(result(await listen(socket, 5)), 'WSAEINVAL');
  bind(socket, anyPort);
  const [first, second] = [listen(socket, -SOMAXCONN), listen(socket, 5)];
  t.equal(await first, 0);
  t.equal(await second, 0);
  t.equal(await listen(socket, 1), 0);

  const { caller } = await connected();
  t.equal(result(await listen(caller.socket, 5)), 'WSAEISCONN');
  const pending = newParty();
  call(pending, getsockname(socket)!);
  t.equal(result(await listen(pending.socket, 5)), 'WSAEINVAL');
});

t.test('listen: refusals by the system, and again elsewhere', async (t) => {
  const listener = await listening();
  const other = newParty();
  bind(other.socket, getsockname(listener.socket)!);
  const listened = listen(other.socket, 5).then(
    (returned) => `${returned} ${lastError()}`,
  );
  t.equal(await listened, '-1 WSAEADDRINUSE');
  t.match(extendedError(other.socket), {
    name: 'WSAEADDRINUSE',
    detail: /EADDRINUSE/,
  });
  t.equal(WSAAccept(other.socket), INVALID_SOCKET);
  t.equal(lastError(), 'WSAEINVAL');
  listener.close();
});

t.test('a listen that is closed on its way', async (t) => {
  const { socket } = newParty();
  bind(socket, anyPort);
  const listened = listen(socket, 5);
  closesocket(socket);
  t.equal(result(await listened), 'WSAENOTSOCK');
  t.equal(result(await listen(socket, 5)), 'WSAENOTSOCK');
});

t.test('connect: refusals', async (t) => {
  const listener = await listening();
  const name = getsockname(listener.socket)!;
  const { socket } = newParty();
  for (const [to, error] of [
    [ipv6, 'WSAEAFNOSUPPORT'],
    [{ ...name, port: 0 }, 'WSAEADDRNOTAVAIL'],
    [{ ...name, address: '0.0.0.0' }, 'WSAEADDRNOTAVAIL'],
    [{ ...name, address: '' }, 'WSAEADDRNOTAVAIL'],
  ] as const) {
    t.equal(result(connect(socket, to)), error);
  }
  t.equal(result(connect(listener.socket, name)), 'WSAEINVAL');
  t.equal(result(connect(socket, name)), 'WSAEWOULDBLOCK');
  t.equal(result(connect(socket, name)), 'WSAEALREADY');
  const accepted = await listener.accept();
  t.equal(result(connect(accepted.socket, name)), 'WSAEISCONN');
  closesocket(socket);
  const pipe = newParty({ name: unix() });
  t.equal(
    result(connect(pipe.socket, { family: AF_UNIX, address: '', port: 0 })),
    'WSAEADDRNOTAVAIL',
  );
});

t.test('a caller that is bound calls from there', async (t) => {
  // A port that was unused a moment ago.
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const listener = await listening();
  const caller = newParty();
  bind(caller.socket, { ...anyPort, port });
  call(caller, getsockname(listener.socket)!);
  await listener.next(FD_ACCEPT);
  const addr = { ...ipv6 };
  const accepted = new Party(accept(listener.socket, addr));
  t.strictSame(addr, { ...anyPort, port });
  t.strictSame(getpeername(accepted.socket), addr);
});

t.test('host names are looked up; a port that is closed refuses', async (t) => {
  const listener = await listening();
  const name = getsockname(listener.socket)!;
  const caller = newParty();
  call(caller, { ...name, address: 'localhost' });
  await listener.accept();
  t.equal(await caller.next(FD_CONNECT), 0);
  listener.close();
  const late = newParty();
  call(late, name);
  t.equal(await late.next(FD_CONNECT), 'WSAECONNREFUSED');
  t.match(extendedError(late.socket)?.cause, { code: 'ECONNREFUSED' });
});

const media = [
  { medium: 'IPv4', name: () => anyPort, tls: false },
  { medium: 'IPv6', name: () => ipv6, tls: false },
  { medium: 'a Unix socket', name: unix, tls: false },
  { medium: 'TLS', name: () => anyPort, tls: true },
];

for (const { medium, name: newName, tls } of media) {
  for (const type of [SOCK_STREAM, SOCK_SEQPACKET]) {
    t.test(`${medium}, type ${type}: names, data and last words`, async (t) => {
      const name = newName();
      const listener = await listening({
        type,
        name,
        options: tls ? { tls: serverTls } : undefined,
      });
      const local = getsockname(listener.socket)!;
      t.equal(local.family, name.family);
      t.equal(local.address, name.address);
      const caller = newParty({
        type,
        name,
        options: tls ? { tls: clientTls } : undefined,
      });
      call(caller, local, { callerData: octets('hello') });
      const callee = await listener.accept();
      t.equal(await caller.next(FD_CONNECT), 0);
      t.strictSame(getpeername(caller.socket), local);
      t.equal(getpeername(callee.socket)?.family, name.family);
      t.match(getsockname(caller.socket), { family: name.family });
      if (name.family !== AF_UNIX) {
        t.strictSame(getpeername(callee.socket), getsockname(caller.socket));
        t.strictSame(getsockname(callee.socket), local);
      }
      WSASend(caller.socket, octets('data'));
      t.equal(await callee.read(), 'data');
      WSASendDisconnect(caller.socket, octets('41'));
      t.equal(await callee.lastWord(), '41');
      WSASendDisconnect(callee.socket, octets('42'));
      callee.close();
      t.equal(await caller.lastWord(), '42');
    });
  }
}

t.test('IPV6_V6ONLY off takes callers of both kinds', async (t) => {
  const any: SOCKADDR = { family: AF_INET6, address: '', port: 0 };
  for (const isOnly of [true, false]) {
    const listener = newParty({ name: any });
    setsockopt(listener.socket, IPPROTO_IPV6, IPV6_V6ONLY, isOnly);
    bind(listener.socket, any);
    t.equal(await listen(listener.socket, 5), 0);
    const { port } = getsockname(listener.socket)!;
    const caller = newParty();
    call(caller, { ...anyPort, port });
    if (isOnly) {
      t.equal(await caller.next(FD_CONNECT), 'WSAECONNREFUSED');
      continue;
    }
    const callee = await listener.accept();
    t.equal(getpeername(callee.socket)?.address, '::ffff:127.0.0.1');
  }
});

t.test('names of sockets without one', async (t) => {
  const { caller, listener } = await connected();
  t.equal(getpeername(listener.socket), undefined);
  t.equal(lastError(), 'WSAENOTCONN');
  t.equal(getpeername(newParty().socket), undefined);
  caller.close();
  for (const call of [getpeername, getsockname, extendedError]) {
    t.equal(call(caller.socket), undefined);
    t.equal(lastError(), 'WSAENOTSOCK');
  }
  t.equal(listenerStatistics(newParty().socket), undefined);
});

t.test('closesocket, twice and of a listener with callers', async (t) => {
  const listener = await listening();
  const caller = calling(listener, SOCK_STREAM);
  await listener.next(FD_ACCEPT);
  t.equal(listener.close(), 0);
  t.equal(result(listener.close()), 'WSAENOTSOCK');
  t.equal(await caller.next(FD_CONNECT), 'WSAECONNREFUSED');
  t.equal(result(closesocket(INVALID_SOCKET)), 'WSAENOTSOCK');
  t.equal(accept(listener.socket), INVALID_SOCKET);
  t.equal(lastError(), 'WSAENOTSOCK');
  t.equal(result(bind(INVALID_SOCKET, anyPort)), 'WSAENOTSOCK');
  t.equal(result(connect(INVALID_SOCKET, anyPort)), 'WSAENOTSOCK');
});

t.test(
  'a caller that closes while it connects reports nothing more',
  async (t) => {
    const listener = await listening();
    const caller = calling(listener, SOCK_STREAM);
    await listener.next(FD_ACCEPT);
    caller.close();
    const { callee } = await connected();
    callee.close();
    t.equal(caller.count(FD_CONNECT), 0);
    t.equal(caller.count(FD_CLOSE), 0);
  },
);

t.test('mistakes of the program are thrown, and say what was expected', (t) => {
  const s = WSASocket(AF_INET, SOCK_STREAM, 0);
  const event = WSACreateEvent();
  const any = (value: unknown) => value as never;
  const mistakes: [() => unknown, string, RegExp][] = [
    [() => WSASocket(any('2'), 1, 0), 'TYPE', /"af"/],
    [() => WSASocket(2, 1.5, 0), 'RANGE', /"type"/],
    [() => bind(any({}), anyPort), 'TYPE', /"s".*SOCKET/],
    [() => bind(s, any('127.0.0.1')), 'TYPE', /"name".*SOCKADDR/],
    [() => bind(s, { ...anyPort, port: 65_536 }), 'RANGE', /"name.port"/],
    [() => bind(s, any({ ...anyPort, address: 7 })), 'TYPE', /"name.address"/],
    [() => bind(s, any({ ...anyPort, family: '2' })), 'TYPE', /"name.family"/],
    [() => listen(s, any('5')), 'TYPE', /"backlog"/],
    [() => WSAConnect(s, anyPort, any('hi')), 'TYPE', /"callerData"/],
    [
      () => WSAConnect(s, anyPort, null, any(5)),
      'TYPE',
      /"calleeData".*WSABUF/,
    ],
    [
      () => WSAConnect(s, anyPort, null, { buf: Buffer.alloc(2), len: 3 }),
      'RANGE',
      /"calleeData.len"/,
    ],
    [
      () => WSAConnect(s, anyPort, null, null, any({ sending: {} })),
      'TYPE',
      /"sqos.sending".*FLOWSPEC/,
    ],
    [() => WSAAccept(s, any(5)), 'TYPE', /"addr"/],
    [() => WSAAccept(s, null, any(5)), 'TYPE', /"condition"/],
    [() => WSASend(s, any('text')), 'TYPE', /"buffers"/],
    [() => WSASend(s, any(['text'])), 'TYPE', /"buffers"/],
    [() => WSARecv(s, any(5)), 'TYPE', /"buffers"/],
    [() => WSASendDisconnect(s, any('bye')), 'TYPE', /"data"/],
    [() => WSARecvDisconnect(s, any(Buffer.alloc(4))), 'TYPE', /"buffer.buf"/],
    [() => WSACreateEvent(any(5)), 'TYPE', /"onsignal"/],
    [() => WSASetEvent(any(s)), 'TYPE', /"event".*WSAEVENT/],
    [() => WSAEventSelect(s, any(s), 1), 'TYPE', /"event".*WSAEVENT/],
    [() => WSAEventSelect(s, event, 1024), 'RANGE', /"mask"/],
    [() => WSAEnumNetworkEvents(s, null, any({})), 'TYPE', /"out"/],
    [() => WSAWaitForMultipleEvents(any(event), false, 0), 'TYPE', /"events"/],
    [() => WSAWaitForMultipleEvents([event], false, -1), 'RANGE', /"timeout"/],
    [() => getsockopt(s, any('x'), 1), 'TYPE', /"level"/],
    [() => setsockopt(s, 1, any('x'), 1), 'TYPE', /"name"/],
    [() => WSAEnumProtocols(any(6)), 'TYPE', /"wanted"/],
    [() => WSAStartup(any('2.2')), 'TYPE', /"version"/],
  ];
  const codes: Record<string, string> = {
    TYPE: 'ERR_INVALID_ARG_TYPE',
    RANGE: 'ERR_OUT_OF_RANGE',
  };
  for (const [call, kind, message] of mistakes) {
    t.throws(call, { code: codes[kind], message }, String(call));
  }
  t.end();
});

t.test('a protocol info is of a provider that there is', (t) => {
  const info: ProtocolInfo = { ...WSAEnumProtocols()[0]!, provider: 'gone' };
  t.throws(() => WSASocket(0, 0, 0, info), { code: 'ERR_OUT_OF_RANGE' });
  t.end();
});

t.test('a condition that misuses calleeData', async (t) => {
  const listener = await listening();
  calling(listener, SOCK_STREAM);
  await t.rejects(
    listener.tryAccept((_id, _data, _sqos, _gqos, _to, answer) => {
      answer.len = -1;
      return 0;
    }),
    { code: 'ERR_OUT_OF_RANGE' },
  );
  await t.rejects(
    listener.tryAccept((_id, _data, _sqos, _gqos, _to, answer) => {
      answer.buf = 'text' as never;
      return 0;
    }),
    { code: 'ERR_INVALID_ARG_TYPE' },
  );
  await listener.accept();
});
