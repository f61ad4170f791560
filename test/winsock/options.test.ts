import t from 'tap';
import { framedProvider } from '../../src/provider/framed/provider.js';
import {
  CF_ACCEPT,
  FD_CLOSE,
  FD_CONNECT,
  FD_READ,
  getsockname,
  getsockopt,
  INVALID_SOCKET,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  SD_SEND,
  setsockopt,
  shutdown,
  SO_ACCEPTCONN,
  SO_CONDITIONAL_ACCEPT,
  SO_CONNDATA,
  SO_CONNDATALEN,
  SO_CONNOPT,
  SO_CONNOPTLEN,
  SO_DISCDATA,
  SO_DISCDATALEN,
  SO_DISCOPT,
  SO_DISCOPTLEN,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_PROTOCOL_INFO,
  SO_RCVBUF,
  SO_SNDBUF,
  SO_TYPE,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_MAXRTMS,
  TCP_NODELAY,
  WSAConnect,
  WSAEnumProtocols,
  WSASend,
  WSASendDisconnect,
  type SocketOptionValue,
} from '../../src/winsock/index.js';
import {
  call,
  calling,
  closeAll,
  connected,
  lastError,
  listening,
  newParty,
  octets,
  result,
  room,
  textOf,
  type Party,
} from '../support/winsock.js';
import { wineLacks } from '../support/platform.js';

t.afterEach(closeAll);

const set = (party: Party, name: number, value: SocketOptionValue) =>
  result(setsockopt(party.socket, SOL_SOCKET, name, value));

const get = (party: Party, name: number) => {
  const value = getsockopt(party.socket, SOL_SOCKET, name);
  return value instanceof Uint8Array ? Buffer.from(value).toString() : value;
};

const flags = [
  { level: SOL_SOCKET, name: SO_CONDITIONAL_ACCEPT, is: false },
  { level: SOL_SOCKET, name: SO_KEEPALIVE, is: false },
  { level: IPPROTO_TCP, name: TCP_NODELAY, is: true },
  { level: IPPROTO_IPV6, name: IPV6_V6ONLY, is: true },
];

t.test('flags: their values, and as numbers or booleans', (t) => {
  for (const { level, name, is } of flags) {
    const { socket } = newParty();
    t.equal(getsockopt(socket, level, name), is);
    for (const value of [1, true, 0, false]) {
      t.equal(setsockopt(socket, level, name, value), 0);
      t.equal(getsockopt(socket, level, name), Boolean(value));
    }
    t.throws(() => setsockopt(socket, level, name, octets('on')), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  }
  t.end();
});

t.test('SO_LINGER', (t) => {
  const party = newParty();
  t.strictSame(get(party, SO_LINGER), { onoff: 0, linger: 0 });
  t.equal(set(party, SO_LINGER, { onoff: 5, linger: 7 }), 0);
  t.strictSame(get(party, SO_LINGER), { onoff: 1, linger: 7 });
  t.throws(() => set(party, SO_LINGER, { onoff: 1, linger: 65_536 }), {
    code: 'ERR_OUT_OF_RANGE',
  });
  t.throws(() => set(party, SO_LINGER, 1), { code: 'ERR_INVALID_ARG_TYPE' });
  t.end();
});

t.test('options that can only be read', async (t) => {
  const listener = await listening({ type: SOCK_SEQPACKET });
  const party = newParty();
  t.equal(get(party, SO_TYPE), SOCK_STREAM);
  t.equal(get(listener, SO_TYPE), SOCK_SEQPACKET);
  t.equal(get(party, SO_ACCEPTCONN), false);
  t.equal(get(listener, SO_ACCEPTCONN), true);
  t.strictSame(
    get(party, SO_PROTOCOL_INFO),
    WSAEnumProtocols().find(({ provider }) => provider === 'framed'),
  );
  for (const name of [SO_TYPE, SO_ACCEPTCONN, SO_ERROR, SO_PROTOCOL_INFO]) {
    t.equal(set(party, name, 1), 'WSAENOPROTOOPT');
  }
});

t.test('unknown options', (t) => {
  const { socket } = newParty();
  for (const [level, name, error] of [
    [SOL_SOCKET, 0x7777, 'WSAENOPROTOOPT'],
    [IPPROTO_TCP, SO_LINGER, 'WSAENOPROTOOPT'],
    [4711, TCP_NODELAY, 'WSAEINVAL'],
  ] as const) {
    t.equal(getsockopt(socket, level, name), undefined);
    t.equal(lastError(), error);
    t.equal(result(setsockopt(socket, level, name, 1)), error);
  }
  t.equal(getsockopt(INVALID_SOCKET, SOL_SOCKET, SO_TYPE), undefined);
  t.equal(lastError(), 'WSAENOTSOCK');
  t.equal(result(setsockopt(INVALID_SOCKET, 1, 1, 1)), 'WSAENOTSOCK');
  t.end();
});

t.test('SO_ERROR: why, once', async (t) => {
  const listener = await listening();
  const name = getsockname(listener.socket)!;
  listener.close();
  const party = newParty();
  call(party, name);
  t.equal(await party.next(FD_CONNECT), 'WSAECONNREFUSED');
  t.equal(get(party, SO_ERROR), 10061);
  t.equal(get(party, SO_ERROR), 0);

  const { caller, callee } = await connected();
  caller.abort();
  await callee.next(FD_CLOSE);
  t.equal(get(callee, SO_ERROR), 10054);
});

t.test('options that have their time', async (t) => {
  const { caller, listener } = await connected();
  t.equal(set(listener, SO_CONDITIONAL_ACCEPT, 1), 'WSAEINVAL');
  t.equal(set(caller, SO_SNDBUF, 9), 'WSAEINVAL');
  t.equal(set(caller, SO_CONNDATA, octets('x')), 'WSAEISCONN');
  t.equal(set(caller, SO_CONNDATALEN, 9), 'WSAEINVAL');
  t.equal(
    result(setsockopt(caller.socket, IPPROTO_IPV6, IPV6_V6ONLY, 0)),
    'WSAEINVAL',
  );
  const pending = calling(listener, SOCK_STREAM);
  t.equal(set(pending, SO_CONNDATA, octets('x')), 'WSAEINVAL');
});

t.test(
  'SO_SNDBUF and SO_RCVBUF: before connect; a small one still works',
  async (t) => {
    const listener = await listening();
    const party = newParty();
    t.equal(get(party, SO_SNDBUF), 65_536);
    t.equal(set(party, SO_SNDBUF, 10), 0);
    t.equal(set(party, SO_RCVBUF, 1000), 0);
    t.equal(get(party, SO_SNDBUF), 10);
    t.equal(get(party, SO_RCVBUF), 1000);
    call(party, getsockname(listener.socket)!);
    const callee = await listener.accept();
    await party.next(FD_CONNECT);
    const heard = callee.readAll();
    const message = Buffer.alloc(60_000, 'm');
    for (let left = 100; left > 0;) {
      if (WSASend(party.socket, message) > 0) left--;
      else await party.next(2);
    }
    WSASendDisconnect(party.socket);
    t.equal((await heard).text.length, 6_000_000);
    WSASend(callee.socket, message);
    WSASendDisconnect(callee.socket);
    t.equal((await party.readAll()).text.length, 60_000);
  },
);

t.test('accepted sockets inherit options', async (t) => {
  const listener = await listening();
  set(listener, SO_KEEPALIVE, 1);
  set(listener, SO_LINGER, { onoff: 1, linger: 9 });
  setsockopt(listener.socket, IPPROTO_TCP, TCP_NODELAY, 0);
  calling(listener, SOCK_STREAM);
  const callee = await listener.accept();
  t.equal(get(callee, SO_KEEPALIVE), true);
  t.strictSame(get(callee, SO_LINGER), { onoff: 1, linger: 9 });
  t.equal(getsockopt(callee.socket, IPPROTO_TCP, TCP_NODELAY), false);
  t.equal(setsockopt(callee.socket, IPPROTO_TCP, TCP_NODELAY, 1), 0);
});

const watching =
  framedProvider.transport!.transport === 'engine' &&
  wineLacks('the options by which TCP watches a connection');

t.test('how TCP watches a connection', { skip: watching }, async (t) => {
  const listener = await listening();
  const caller = calling(listener, SOCK_STREAM);
  await listener.accept();
  await caller.next(FD_CONNECT);
  const { transport } = framedProvider.transport!;
  const read = (name: number) => getsockopt(caller.socket, IPPROTO_TCP, name);
  const write = (name: number, value: number) =>
    result(setsockopt(caller.socket, IPPROTO_TCP, name, value));
  for (const name of [TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_MAXRTMS]) {
    const isEngine = transport === 'engine';
    t.equal(write(name, 21), isEngine ? 0 : 'WSAENOPROTOOPT');
    t.equal(read(name), isEngine ? 21 : undefined);
    t.throws(() => write(name, 0), { code: 'ERR_OUT_OF_RANGE' });
  }
  const unconnected = newParty();
  t.equal(
    result(setsockopt(unconnected.socket, IPPROTO_TCP, TCP_KEEPCNT, 3)),
    'WSAENOTCONN',
  );
});

for (const type of [SOCK_STREAM, SOCK_SEQPACKET]) {
  const where = type === SOCK_STREAM ? 'SOCK_STREAM' : 'SOCK_SEQPACKET';

  t.test(`${where}: user data by options alone, both ways`, async (t) => {
    const listener = await listening({ type });
    t.equal(set(listener, SO_CONNDATA, octets('one reply')), 0);
    t.equal(set(listener, SO_CONNOPT, octets('L')), 0);
    const caller = newParty({ type });
    t.equal(set(caller, SO_CONNDATA, octets('caller')), 0);
    t.equal(set(caller, SO_CONNOPT, octets('C')), 0);
    t.equal(set(caller, SO_CONNDATALEN, 16), 0);
    t.equal(set(caller, SO_CONNOPTLEN, 4), 0);
    t.equal(get(caller, SO_CONNDATA), '');
    t.equal(get(caller, SO_CONNDATALEN), 0);
    call(caller, getsockname(listener.socket)!);
    const callee = await listener.accept();
    await caller.next(FD_CONNECT);
    t.equal(get(caller, SO_CONNDATA), 'one reply');
    t.equal(get(caller, SO_CONNDATALEN), 9);
    t.equal(get(caller, SO_CONNOPT), 'L');
    t.equal(get(callee, SO_CONNDATA), 'caller');
    t.equal(get(callee, SO_CONNOPT), 'C');
    t.equal(get(callee, SO_CONNOPTLEN), 1);

    t.equal(set(callee, SO_DISCDATALEN, 16), 0);
    t.equal(set(callee, SO_DISCDATALEN, 5000), 'WSAEINVAL');
    t.equal(get(callee, SO_DISCDATA), '');
    t.equal(set(caller, SO_DISCDATA, octets('last word')), 0);
    t.equal(set(caller, SO_DISCOPT, octets('D')), 0);
    t.equal(shutdown(caller.socket, SD_SEND), 0);
    t.equal(shutdown(caller.socket, SD_SEND), 0);
    t.equal(await callee.next(FD_CLOSE), 0);
    t.equal(get(callee, SO_DISCDATA), 'last word');
    t.equal(get(callee, SO_DISCDATALEN), 9);
    t.equal(get(callee, SO_DISCOPT), 'D');
    t.equal(get(callee, SO_DISCOPTLEN), 1);

    set(callee, SO_DISCDATA, octets('by closesocket'));
    callee.close();
    t.equal(await caller.lastWord(), 'by closesocket');
  });

  t.test(
    `${where}: one reply goes only to callers with room for it`,
    async (t) => {
      const listener = await listening({ type });
      set(listener, SO_CONNDATA, octets('one reply'));
      const calleeData = room(4);
      const small = calling(listener, type, { calleeData });
      const none = calling(listener, type);
      await listener.accept();
      await listener.accept();
      t.equal(await small.next(FD_CONNECT), 0);
      t.equal(calleeData.len, 0);
      t.equal(await none.next(FD_CONNECT), 0);
      t.equal(get(none, SO_CONNDATA), '');
    },
  );

  t.test(`${where}: WSAConnect and the condition function win`, async (t) => {
    const listener = await listening({ type });
    set(listener, SO_CONNDATA, octets('by option'));
    const caller = newParty({ type });
    set(caller, SO_CONNDATA, octets('by option'));
    const calleeData = room(20);
    call(caller, getsockname(listener.socket)!, {
      callerData: octets('by call'),
      calleeData,
    });
    const callee = await listener.accept((_i, data, _s, _g, _c, answer) => {
      t.equal(Buffer.from(data!).toString(), 'by call');
      answer.buf = octets('by condition');
      answer.len = 12;
      return CF_ACCEPT;
    });
    await caller.next(FD_CONNECT);
    t.equal(textOf(calleeData), 'by condition');
    t.equal(get(callee, SO_CONNDATA), 'by call');
  });

  t.test(
    `${where}: a condition that leaves the answer alone gives none`,
    async (t) => {
      const listener = await listening({ type });
      const calleeData = room(20);
      const caller = calling(listener, type, { calleeData });
      await listener.accept(() => CF_ACCEPT);
      await caller.next(FD_CONNECT);
      t.equal(calleeData.len, 0);
      t.equal(get(caller, SO_CONNDATA), '');
    },
  );

  t.test(`${where}: a listener that closes says why`, async (t) => {
    const listener = await listening({ type });
    const calleeData = room(20);
    const caller = calling(listener, type, { calleeData });
    await listener.next(8);
    set(listener, SO_DISCDATA, octets('restarting'));
    listener.close();
    t.equal(await caller.next(FD_CONNECT), 'WSAECONNREFUSED');
    t.equal(textOf(calleeData), 'restarting');
  });
}

t.test('limits of user data', async (t) => {
  const { caller, callee } = await connected();
  const party = newParty();
  for (const name of [SO_CONNDATA, SO_CONNOPT, SO_DISCDATA, SO_DISCOPT]) {
    t.equal(set(party, name, Buffer.alloc(65_536)), 'WSAEFAULT');
    t.equal(set(party, name, Buffer.alloc(65_535)), 0);
    t.equal(set(party, name, Buffer.alloc(0)), 0);
    t.throws(() => set(party, name, 7), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  for (const name of [SO_DISCDATA, SO_DISCOPT]) {
    t.equal(set(caller, name, Buffer.alloc(4097)), 'WSAEMSGSIZE');
  }
  t.equal(WSASend(caller.socket, octets('fine')), 4);
  t.equal(await callee.next(FD_READ), 0);
  t.throws(() => set(party, SO_CONNDATALEN, 65_536), {
    code: 'ERR_OUT_OF_RANGE',
  });
});

t.test('a connect that was refused at once leaves the options', async (t) => {
  const listener = await listening();
  const party = newParty();
  const name = getsockname(listener.socket)!;
  set(party, SO_CONNDATA, octets('kept'));
  t.equal(
    result(WSAConnect(party.socket, name, Buffer.alloc(65_536))),
    'WSAEFAULT',
  );
  call(party, name);
  const callee = await listener.accept();
  t.equal(get(callee, SO_CONNDATA), 'kept');
});
