import t from 'tap';
import {
  AF_INET,
  CF_DEFER,
  closesocket,
  FD_ACCEPT,
  FD_CLOSE,
  FD_CLOSE_BIT,
  FD_CONNECT,
  FD_CONNECT_BIT,
  FD_OOB,
  FD_READ,
  FD_WRITE,
  getsockname,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  WSA_INFINITE,
  WSA_INVALID_EVENT,
  WSA_WAIT_EVENT_0,
  WSA_WAIT_FAILED,
  WSA_WAIT_TIMEOUT,
  WSAAccept,
  WSACloseEvent,
  WSACreateEvent,
  WSAEnumNetworkEvents,
  WSAEventSelect,
  WSARecv,
  WSAResetEvent,
  WSASend,
  WSASendDisconnect,
  WSASetEvent,
  WSASocket,
  WSAWaitForMultipleEvents,
  recvChunk,
  type SOCKET,
  type WSAEVENT,
} from '../../src/winsock/index.js';
import {
  calling,
  closeAll,
  connected,
  lastError,
  listening,
  octets,
  result,
  room,
  until,
} from '../support/winsock.js';

t.afterEach(closeAll);

const everything = FD_READ | FD_WRITE | FD_ACCEPT | FD_CONNECT | FD_CLOSE;

const failed = () => new Error(`failed: ${lastError()}`);

/** Takes a socket's record; leaves the event as it is. */
function take(socket: SOCKET, event: WSAEVENT | null = null) {
  const out = { networkEvents: 0, errorCode: [] as number[] };
  if (WSAEnumNetworkEvents(socket, event, out) !== 0) throw failed();
  return out;
}

/** Waits for an event object, and takes what it was signaled for. */
async function nextOf(socket: SOCKET, event: WSAEVENT): Promise<number> {
  const found = await WSAWaitForMultipleEvents([event], false, 10_000);
  if (found !== WSA_WAIT_EVENT_0) throw failed();
  return take(socket, event).networkEvents;
}

async function isSignaled(event: WSAEVENT): Promise<boolean> {
  return (await WSAWaitForMultipleEvents([event], false, 0)) === 0;
}

t.test('event objects: set, reset, wait', async (t) => {
  const [one, two] = [WSACreateEvent(), WSACreateEvent()];
  const wait = (all: boolean) => WSAWaitForMultipleEvents([one, two], all, 0);
  t.equal(await wait(false), WSA_WAIT_TIMEOUT);
  t.equal(WSASetEvent(two), true);
  t.equal(await wait(false), WSA_WAIT_EVENT_0 + 1);
  t.equal(await wait(true), WSA_WAIT_TIMEOUT);
  WSASetEvent(one);
  t.equal(await wait(false), WSA_WAIT_EVENT_0);
  t.equal(await wait(true), WSA_WAIT_EVENT_0);
  t.equal(WSAResetEvent(one), true);
  t.equal(await wait(false), WSA_WAIT_EVENT_0 + 1);
});

t.test('a wait ends with the signal, its time, or a close', async (t) => {
  const event = WSACreateEvent();
  const other = WSACreateEvent();
  const waiting = WSAWaitForMultipleEvents([event], false, WSA_INFINITE);
  const all = WSAWaitForMultipleEvents([event, other], true, WSA_INFINITE);
  WSASetEvent(event);
  t.equal(await waiting, WSA_WAIT_EVENT_0);
  WSASetEvent(other);
  t.equal(await all, WSA_WAIT_EVENT_0);
  WSAResetEvent(event);
  t.equal(await WSAWaitForMultipleEvents([event], false, 5), WSA_WAIT_TIMEOUT);
  const closed = WSAWaitForMultipleEvents([event], false, WSA_INFINITE);
  t.equal(WSACloseEvent(event), true);
  t.equal(lastError(), 'WSA_INVALID_HANDLE');
  t.equal(await closed, WSA_WAIT_FAILED);
});

t.test('closed and too many events', async (t) => {
  const event = WSACreateEvent();
  WSACloseEvent(event);
  for (const bad of [event, WSA_INVALID_EVENT]) {
    for (const call of [WSASetEvent, WSAResetEvent, WSACloseEvent]) {
      t.equal(call(bad), false);
      t.equal(lastError(), 'WSA_INVALID_HANDLE');
    }
    t.equal(await WSAWaitForMultipleEvents([bad], false, 0), WSA_WAIT_FAILED);
  }
  const many = Array.from({ length: 65 }, () => WSACreateEvent());
  for (const events of [[], many]) {
    t.equal(await WSAWaitForMultipleEvents(events, false, 0), WSA_WAIT_FAILED);
    t.equal(lastError(), 'WSA_INVALID_PARAMETER');
  }
});

t.test(
  'onsignal: once for each signal, after the call that set it',
  async (t) => {
    let signals = 0;
    const event = WSACreateEvent(() => {
      signals++;
    });
    const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
    WSASetEvent(event);
    WSASetEvent(event);
    t.equal(signals, 0);
    await turn();
    t.equal(signals, 1);
    WSASetEvent(event);
    await turn();
    t.equal(signals, 1);
    WSAResetEvent(event);
    WSASetEvent(event);
    WSAResetEvent(event);
    await turn();
    t.equal(signals, 1);
    WSASetEvent(event);
    WSAResetEvent(event);
    WSASetEvent(event);
    await turn();
    t.equal(signals, 2);
    WSAResetEvent(event);
    WSASetEvent(event);
    WSACloseEvent(event);
    await turn();
    t.equal(signals, 2);
  },
);

for (const type of [SOCK_STREAM, SOCK_SEQPACKET]) {
  const name = type === SOCK_STREAM ? 'SOCK_STREAM' : 'SOCK_SEQPACKET';

  t.test(
    `${name}: FD_READ, once until recv, again if more is there`,
    async (t) => {
      const { caller, callee } = await connected(type);
      const event = WSACreateEvent();
      WSAEventSelect(callee.socket, event, FD_READ);
      WSASend(caller.socket, octets('one'));
      t.equal(await nextOf(callee.socket, event), FD_READ);
      WSASend(caller.socket, octets('two'));
      WSASendDisconnect(caller.socket);
      // Everything has arrived, but nothing was reported: recv was not called.
      await until(
        () => recvPeek(callee.socket) >= (type === SOCK_STREAM ? 6 : 3),
      );
      t.equal(await isSignaled(event), false);
      t.equal(WSARecv(callee.socket, room(2).buf), 2);
      t.equal(await isSignaled(event), true);
      t.equal(take(callee.socket, event).networkEvents, FD_READ);
      while (WSARecv(callee.socket, room(9).buf) > 0);
      t.equal(take(callee.socket).networkEvents & ~FD_READ, 0);
    },
  );

  t.test(
    `${name}: WSAEventSelect records events that hold already`,
    async (t) => {
      const { caller, callee } = await connected(type);
      WSASend(caller.socket, octets('data'));
      await until(() => recvPeek(callee.socket) > 0);
      const event = WSACreateEvent();
      t.equal(WSAEventSelect(callee.socket, event, everything), 0);
      t.equal(await isSignaled(event), true);
      t.equal(take(callee.socket, event).networkEvents, FD_READ | FD_WRITE);
      t.equal(await isSignaled(event), false);
      WSAEventSelect(callee.socket, event, FD_READ);
      t.equal(take(callee.socket, event).networkEvents, FD_READ);
      // A new selection clears the record.
      WSAEventSelect(callee.socket, event, FD_READ);
      WSAEventSelect(callee.socket, event, FD_CLOSE);
      t.equal(take(callee.socket, event).networkEvents, 0);
      WSAEventSelect(callee.socket, null, 0);
      t.equal(take(callee.socket).networkEvents, 0);
    },
  );

  t.test(
    `${name}: FD_CLOSE waits for whoever selects it, and comes once`,
    async (t) => {
      const { caller, callee } = await connected(type);
      const event = WSACreateEvent();
      WSAEventSelect(callee.socket, event, FD_READ);
      caller.abort();
      await until(() => result(WSASend(callee.socket, octets('x'))) !== 1);
      t.equal(await isSignaled(event), false);
      WSAEventSelect(callee.socket, event, FD_CLOSE);
      t.equal(await isSignaled(event), true);
      // Still not enumerated: the next selection finds it too.
      WSAEventSelect(callee.socket, event, FD_CLOSE | FD_READ);
      const { networkEvents, errorCode } = take(callee.socket, event);
      t.equal(networkEvents, FD_CLOSE);
      t.equal(errorCode[FD_CLOSE_BIT], 10054);
      WSAEventSelect(callee.socket, event, FD_CLOSE);
      t.equal(take(callee.socket, event).networkEvents, 0);
    },
  );

  t.test(`${name}: the accepted socket inherits the selection`, async (t) => {
    const listener = await listening({ type });
    const event = WSACreateEvent();
    WSAEventSelect(listener.socket, event, FD_ACCEPT | FD_READ | FD_WRITE);
    const caller = calling(listener, type);
    t.equal(await nextOf(listener.socket, event), FD_ACCEPT);
    const accepted = WSAAccept(listener.socket);
    t.equal(await nextOf(accepted, event), FD_WRITE);
    await caller.next(FD_CONNECT);
    WSASend(caller.socket, octets('data'));
    t.equal(await nextOf(accepted, event), FD_READ);
    closesocket(accepted);
  });

  t.test(
    `${name}: FD_ACCEPT, again while requests wait, not after a defer`,
    async (t) => {
      const listener = await listening({ type });
      const event = WSACreateEvent();
      WSAEventSelect(listener.socket, event, FD_ACCEPT);
      const callers = [calling(listener, type), calling(listener, type)];
      t.equal(await nextOf(listener.socket, event), FD_ACCEPT);
      WSAAccept(listener.socket, null, () => CF_DEFER);
      t.equal(lastError(), 'WSATRY_AGAIN');
      t.equal(await isSignaled(event), false);
      const accepted: SOCKET[] = [];
      while (accepted.length < 2) {
        const socket = WSAAccept(listener.socket);
        if (lastError() === 'WSAEWOULDBLOCK') {
          t.equal(await nextOf(listener.socket, event), FD_ACCEPT);
        }
        if (getsockname(socket)) accepted.push(socket);
      }
      for (const caller of callers) t.equal(await caller.next(FD_CONNECT), 0);
      for (const socket of accepted) closesocket(socket);
    },
  );

  t.test(
    `${name}: FD_CONNECT with its error, and FD_WRITE with success`,
    async (t) => {
      const listener = await listening({ type });
      const name = getsockname(listener.socket)!;
      const caller = calling(listener, type);
      await listener.accept();
      t.equal(await caller.next(FD_CONNECT), 0);
      t.equal(await caller.next(FD_WRITE), 0);
      listener.close();
      const other = await listening({ type });
      const refused = calling(other, type);
      other.close();
      t.equal(await refused.next(FD_CONNECT), 'WSAECONNREFUSED');
      t.equal(refused.count(FD_WRITE), 0);
      t.ok(name.port > 0);
    },
  );
}

function recvPeek(socket: SOCKET): number {
  const { buf } = room(64);
  // The API would re-enable FD_READ, so this looks without it.
  const handle = socket as unknown as {
    connection: { inbox: { peek(most: number): Uint8Array | number } };
  };
  const found = handle.connection.inbox.peek(buf.length);
  return typeof found === 'number' ? 0 : found.length;
}

t.test(
  'onsignal comes from the network at once, and not inside a call',
  async (t) => {
    const { caller, callee } = await connected();
    let isInCall = false;
    const heard: number[] = [];
    const event = WSACreateEvent(() => {
      t.equal(isInCall, false);
      isInCall = true;
      const { networkEvents } = take(callee.socket, event);
      if (networkEvents & FD_READ) {
        const chunk = recvChunk(callee.socket, 2);
        heard.push((chunk as Uint8Array).length);
      }
      isInCall = false;
    });
    WSAEventSelect(callee.socket, event, FD_READ);
    WSASend(caller.socket, octets('12345'));
    await until(() => heard.length === 3);
    t.strictSame(heard, [2, 2, 1]);
  },
);

t.test('a closed event and a mask without an event', (t) => {
  const socket = WSASocket(AF_INET, SOCK_STREAM, 0);
  const event = WSACreateEvent();
  t.equal(result(WSAEventSelect(socket, null, FD_READ)), 'WSAEINVAL');
  t.equal(WSAEventSelect(socket, event, FD_READ | FD_OOB), 0);
  WSACloseEvent(event);
  t.equal(result(WSAEventSelect(socket, event, FD_READ)), 'WSAEINVAL');
  const out = { networkEvents: 0, errorCode: [] };
  t.equal(result(WSAEnumNetworkEvents(socket, event, out)), 'WSAEINVAL');
  closesocket(socket);
  t.equal(result(WSAEventSelect(socket, null, 0)), 'WSAENOTSOCK');
  t.equal(result(WSAEnumNetworkEvents(socket, null, out)), 'WSAENOTSOCK');
  t.end();
});

t.test('error codes are set only for the reported events', async (t) => {
  const { caller } = await connected();
  const event = WSACreateEvent();
  WSAEventSelect(caller.socket, event, FD_WRITE);
  const errorCode = Array.from({ length: 10 }, () => -1);
  const out = { networkEvents: 0, errorCode };
  WSAEnumNetworkEvents(caller.socket, event, out);
  t.equal(out.networkEvents, FD_WRITE);
  t.equal(errorCode[1], 0);
  t.equal(errorCode[FD_CONNECT_BIT], -1);
});
