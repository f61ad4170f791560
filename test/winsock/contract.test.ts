import { connect as netConnect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import {
  AF_INET,
  CF_ACCEPT,
  CF_DEFER,
  CF_REJECT,
  extendedError,
  FD_ACCEPT,
  FD_CLOSE,
  FD_CONNECT,
  FD_READ,
  FD_WRITE,
  flowspec,
  getsockname,
  INVALID_SOCKET,
  listenerStatistics,
  SERVICETYPE_GUARANTEED,
  setsockopt,
  SO_LINGER,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
  WSAAccept,
  WSAConnect,
  WSARecv,
  WSARecvDisconnect,
  WSASend,
  WSASendDisconnect,
  type ConditionFunction,
  type Qos,
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
  type Party,
  result,
  room,
  textOf,
  until,
} from '../support/winsock.js';

t.afterEach(closeAll);

const accepting =
  (answer: string | Uint8Array = ''): ConditionFunction =>
  (_id, _data, _sqos, _gqos, _callee, calleeData) => {
    const data = typeof answer === 'string' ? octets(answer) : answer;
    calleeData.buf.set(data);
    calleeData.len = data.length;
    return CF_ACCEPT;
  };

const rejecting =
  (reason = ''): ConditionFunction =>
  (_id, _data, _sqos, _gqos, _callee, calleeData) => {
    calleeData.buf.set(octets(reason));
    calleeData.len = reason.length;
    return CF_REJECT;
  };

const deferring: ConditionFunction = () => CF_DEFER;

/** Claims to have written more than fits. */
const overrun: ConditionFunction = (...parameters) => {
  parameters[5].len += 1;
  return CF_ACCEPT;
};

const everyOctet = Uint8Array.from({ length: 256 }, (_, value) => value);

/** Sends until it would block; returns the octets taken. */
function sendUntilBlocked(party: Party): number {
  const chunk = Buffer.alloc(65_536, 'x');
  let sent = 0;
  for (;;) {
    const taken = WSASend(party.socket, chunk);
    if (taken < 0) return sent;
    sent += taken;
  }
}

/** However it ends. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => {}).on('close', () => resolve());
  });
}

async function plainPeer(onconnection: (socket: Socket) => void) {
  const server = createServer(onconnection).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, name: { family: AF_INET, address: '127.0.0.1', port } };
}

interface Clause {
  /** Rows of the contract. */
  row: number;
  clause: string;
  test: (t: Test, type: number) => Promise<void>;
}

const clauses: Clause[] = [
  {
    row: 1,
    clause: 'empty data means no data, at each of the four places',
    async test(t, type) {
      const listener = await listening({ type });
      const calleeData = room(16);
      const caller = calling(listener, type, {
        callerData: octets(''),
        calleeData,
      });
      let heard: unknown = 'nothing';
      const callee = await listener.accept(
        (_id, data, _sqos, _gqos, _callee, answer) => {
          heard = data;
          answer.len = 0;
          return CF_ACCEPT;
        },
      );
      t.equal(await caller.next(FD_CONNECT), 0);
      t.equal(heard, null);
      t.equal(calleeData.len, 0);
      t.equal(WSASendDisconnect(caller.socket, octets('')), 0);
      t.equal(await callee.lastWord(), '');
      t.equal(WSASendDisconnect(callee.socket, null), 0);
      t.equal(await caller.lastWord(), '');
    },
  },
  {
    row: 1,
    clause: 'all octet values pass, at each of the four places',
    async test(t, type) {
      const listener = await listening({ type });
      const calleeData = room(256);
      const caller = calling(listener, type, {
        callerData: everyOctet,
        calleeData,
      });
      let heard: Uint8Array | null = null;
      const callee = await listener.accept((id, data, ...rest) => {
        heard = data;
        return accepting(everyOctet)(id, data, ...rest);
      });
      await caller.next(FD_CONNECT);
      t.strictSame(Buffer.from(heard!), Buffer.from(everyOctet));
      t.strictSame(calleeData.buf, Buffer.from(everyOctet));
      for (const [from, to] of [
        [caller, callee],
        [callee, caller],
      ] as const) {
        WSASendDisconnect(from.socket, everyOctet);
        t.equal(
          await to.lastWord(),
          Buffer.from(everyOctet).toString('latin1'),
        );
      }
    },
  },
  {
    row: 2,
    clause: '4,096 octets pass, at each of the four places',
    async test(t, type) {
      const word = octets('x'.repeat(4096));
      const listener = await listening({ type });
      const calleeData = room(4096);
      const caller = calling(listener, type, { callerData: word, calleeData });
      const callee = await listener.accept(accepting(word));
      t.equal(await caller.next(FD_CONNECT), 0);
      t.equal(calleeData.len, 4096);
      t.equal(WSASendDisconnect(caller.socket, word), 0);
      t.equal((await callee.lastWord()).length, 4096);
      t.equal(WSASendDisconnect(callee.socket, word), 0);
      t.equal((await caller.lastWord()).length, 4096);
    },
  },
  {
    row: 2,
    clause: 'more caller data than the callee takes: WSAEFAULT at connect',
    async test(t, type) {
      const listener = await listening({ type });
      const caller = calling(listener, type, {
        callerData: Buffer.alloc(4097),
      });
      t.equal(await caller.next(FD_CONNECT), 'WSAEFAULT');
      t.match(extendedError(caller.socket)?.detail, /4096/);
      call(caller, getsockname(listener.socket)!, {
        callerData: octets('less'),
      });
      await listener.accept();
      t.equal(await caller.next(FD_CONNECT), 0);
    },
  },
  {
    row: 2,
    clause: 'more than 65,535 octets: WSAEFAULT from WSAConnect itself',
    async test(t, type) {
      const listener = await listening({ type });
      const caller = newParty({ type });
      const name = getsockname(listener.socket)!;
      t.equal(
        result(WSAConnect(caller.socket, name, Buffer.alloc(65_536))),
        'WSAEFAULT',
      );
      call(caller, name);
    },
  },
  {
    row: 2,
    clause: 'a limit that was raised lets 65,535 octets pass',
    async test(t, type) {
      const options = { userDataLimit: 65_535 };
      const word = octets('y'.repeat(65_535));
      const listener = await listening({ type, options });
      const calleeData = room(65_535);
      const caller = calling(listener, type, {
        callerData: word,
        calleeData,
        options,
      });
      const callee = await listener.accept(accepting(word));
      t.equal(await caller.next(FD_CONNECT), 0);
      t.equal(calleeData.len, 65_535);
      WSASendDisconnect(caller.socket, word);
      t.equal(await callee.lastWord(), word.toString('latin1'));
    },
  },
  {
    row: 2,
    clause: 'more callee data than fits: WSAEFAULT, and the request stays',
    async test(t, type) {
      const listener = await listening({ type });
      const calleeData = room(4);
      const caller = calling(listener, type, { calleeData });
      t.equal(await listener.tryAccept(overrun), 'WSAEFAULT');
      t.equal(await listener.tryAccept(overrun), 'WSAEFAULT');
      await listener.accept(accepting('four'));
      t.equal(await caller.next(FD_CONNECT), 0);
      t.equal(textOf(calleeData), 'four');
    },
  },
  {
    row: 2,
    clause: 'too long a last word: WSAEMSGSIZE, and the connection goes on',
    async test(t, type) {
      const { caller, callee } = await connected(type);
      t.equal(
        result(WSASendDisconnect(caller.socket, Buffer.alloc(4097))),
        'WSAEMSGSIZE',
      );
      t.equal(WSASend(caller.socket, octets('on')), 2);
      t.equal(await callee.read(), 'on');
      t.equal(WSASendDisconnect(caller.socket, octets('shorter')), 0);
      t.equal(await callee.lastWord(), 'shorter');
    },
  },
  {
    row: 3,
    clause: 'connect is done with the ACCEPT, and the callee data is there',
    async test(t, type) {
      const listener = await listening({ type });
      const calleeData = room(100);
      const caller = calling(listener, type, {
        callerData: octets('teller 7'),
        calleeData,
      });
      await listener.next(FD_ACCEPT);
      t.equal(caller.count(FD_CONNECT), 0);
      t.equal(result(WSASend(caller.socket, octets('early'))), 'WSAENOTCONN');
      t.equal(calleeData.len, 100);
      await listener.accept((id, data, ...rest) => {
        t.equal(id.address, '127.0.0.1');
        t.equal(Buffer.from(data!).toString(), 'teller 7');
        t.equal(rest[3].len, 100);
        return accepting('good morning')(id, data, ...rest);
      });
      t.equal(calleeData.len, 100);
      t.equal(await caller.next(FD_CONNECT), 0);
      t.equal(textOf(calleeData), 'good morning');
    },
  },
  {
    row: 4,
    clause: 'CF_REJECT: WSAECONNREFUSED on both sides, with the reject data',
    async test(t, type) {
      const listener = await listening({ type });
      const calleeData = room(100);
      const caller = calling(listener, type, { calleeData });
      t.equal(
        await listener.tryAccept(rejecting('unknown teller')),
        'WSAECONNREFUSED',
      );
      t.equal(await caller.next(FD_CONNECT), 'WSAECONNREFUSED');
      t.equal(textOf(calleeData), 'unknown teller');
      const { name, rejectData } = extendedError(caller.socket)!;
      t.equal(name, 'WSAECONNREFUSED');
      t.equal(Buffer.from(rejectData!).toString(), 'unknown teller');
    },
  },
  {
    row: 4,
    clause: 'the refused socket may try again',
    async test(t, type) {
      const listener = await listening({ type });
      const calleeData = room(100);
      const caller = calling(listener, type, { calleeData });
      await listener.tryAccept(rejecting());
      t.equal(await caller.next(FD_CONNECT), 'WSAECONNREFUSED');
      t.equal(calleeData.len, 0);
      calleeData.len = 100;
      call(caller, getsockname(listener.socket)!, { calleeData });
      await listener.accept(accepting('welcome'));
      t.equal(await caller.next(FD_CONNECT), 0);
      t.equal(textOf(calleeData), 'welcome');
      t.equal(extendedError(caller.socket), undefined);
    },
  },
  {
    row: 4,
    clause: 'no such verdict: WSAEINVAL, and the request stays',
    async test(t, type) {
      const listener = await listening({ type });
      const caller = calling(listener, type);
      t.equal(await listener.tryAccept(() => 3), 'WSAEINVAL');
      await listener.accept();
      t.equal(await caller.next(FD_CONNECT), 0);
    },
  },
  {
    row: 4,
    clause: 'a condition function that throws: the request stays',
    async test(t, type) {
      const listener = await listening({ type });
      const caller = calling(listener, type);
      await t.rejects(
        listener.tryAccept(() => {
          throw new Error('of the application');
        }),
        { message: 'of the application' },
      );
      await listener.accept();
      t.equal(await caller.next(FD_CONNECT), 0);
    },
  },
  {
    row: 5,
    clause: 'CF_DEFER: WSATRY_AGAIN, then the same request with the same data',
    async test(t, type) {
      const listener = await listening({ type });
      const caller = calling(listener, type, { callerData: octets('first') });
      const heard: string[] = [];
      const hearing =
        (verdict: number): ConditionFunction =>
        (id, data) => {
          heard.push(`${id.port} ${Buffer.from(data!).toString()}`);
          return verdict;
        };
      t.equal(await listener.tryAccept(hearing(CF_DEFER)), 'WSATRY_AGAIN');
      t.equal(await listener.tryAccept(hearing(CF_DEFER)), 'WSATRY_AGAIN');
      t.equal(caller.count(FD_CONNECT), 0);
      await listener.accept(hearing(CF_ACCEPT));
      t.equal(await caller.next(FD_CONNECT), 0);
      t.equal(heard.length, 3);
      t.equal(new Set(heard).size, 1);
    },
  },
  {
    row: 5,
    clause: 'a deferred request is offered before a new one',
    async test(t, type) {
      const listener = await listening({ type });
      calling(listener, type, { callerData: octets('first') });
      t.equal(await listener.tryAccept(deferring), 'WSATRY_AGAIN');
      const second = calling(listener, type, { callerData: octets('second') });
      const heard: string[] = [];
      const hearing: ConditionFunction = (_id, data) => {
        heard.push(Buffer.from(data!).toString());
        return CF_ACCEPT;
      };
      await listener.accept(hearing);
      await listener.accept(hearing);
      t.equal(await second.next(FD_CONNECT), 0);
      t.strictSame(heard, ['first', 'second']);
    },
  },
  {
    row: 5,
    clause: 'deferred, then rejected',
    async test(t, type) {
      const listener = await listening({ type });
      const caller = calling(listener, type);
      t.equal(await listener.tryAccept(deferring), 'WSATRY_AGAIN');
      t.equal(await listener.tryAccept(rejecting()), 'WSAECONNREFUSED');
      t.equal(await caller.next(FD_CONNECT), 'WSAECONNREFUSED');
    },
  },
  {
    row: 5,
    clause: 'a caller that leaves while deferred: WSAECONNRESET',
    async test(t, type) {
      const listener = await listening({ type });
      const caller = calling(listener, type);
      t.equal(await listener.tryAccept(deferring), 'WSATRY_AGAIN');
      caller.abort();
      await until(() => listenerStatistics(listener.socket)!.withdrawn === 1);
      t.equal(await listener.tryAccept(), 'WSAECONNRESET');
    },
  },
  {
    row: 6,
    clause: 'after the last word: no sending, but receiving goes on',
    async test(t, type) {
      const { caller, callee } = await connected(type);
      t.equal(WSASendDisconnect(caller.socket, octets('41')), 0);
      t.equal(result(WSASend(caller.socket, octets('x'))), 'WSAESHUTDOWN');
      t.equal(await callee.lastWord(), '41');
      t.equal(WSASend(callee.socket, octets('still here')), 10);
      t.equal(await caller.read(), 'still here');
    },
  },
  {
    row: 6,
    clause:
      'a second call: 0 without data, WSAESHUTDOWN with, and nothing sent',
    async test(t, type) {
      const { caller, callee } = await connected(type);
      t.equal(WSASendDisconnect(caller.socket, octets('one')), 0);
      t.equal(WSASendDisconnect(caller.socket), 0);
      t.equal(
        result(WSASendDisconnect(caller.socket, octets('two'))),
        'WSAESHUTDOWN',
      );
      t.equal(await callee.lastWord(), 'one');
      t.equal(callee.lastWordNow(), 'one');
      t.equal(callee.count(FD_READ), 0);
    },
  },
  {
    row: 6,
    clause: 'it never blocks: behind queued data, before FIN',
    async test(t, type) {
      const { caller, callee } = await connected(type);
      const sent = sendUntilBlocked(caller);
      t.equal(lastError(), 'WSAEWOULDBLOCK');
      t.equal(WSASendDisconnect(caller.socket, octets('behind')), 0);
      const { text } = await callee.readAll();
      t.equal(text.length, sent);
      t.equal(await callee.lastWord(), 'behind');
    },
  },
  {
    row: 7,
    clause: 'one close indication, with 0, behind all data',
    async test(t, type) {
      const { caller, callee } = await connected(type);
      WSASend(caller.socket, octets('data'));
      WSASendDisconnect(caller.socket, octets('bye'));
      await callee.next(FD_READ);
      // Everything has arrived; unread data holds the indication back.
      await until(() => {
        const { buf } = room(1);
        return WSARecv(callee.socket, buf, { flags: 2 }) === 1;
      });
      t.equal(callee.count(FD_CLOSE), 0);
      await callee.readAll();
      t.equal(await callee.next(FD_CLOSE), 0);
      WSASendDisconnect(callee.socket);
      t.equal(await caller.next(FD_CLOSE), 0);
      caller.close();
      await callee.readAll();
      callee.close();
      t.equal(callee.count(FD_CLOSE), 1);
      t.equal(caller.count(FD_CLOSE), 1);
    },
  },
  {
    row: 7,
    clause: 'a reset: FD_CLOSE with WSAECONNRESET, and WSARecv says the same',
    async test(t, type) {
      const { caller, callee } = await connected(type);
      caller.abort();
      t.equal(await callee.next(FD_CLOSE), 'WSAECONNRESET');
      t.equal((await callee.readAll()).end, 'WSAECONNRESET');
      t.equal(callee.lastWordNow(), '');
      t.equal(result(WSASend(callee.socket, octets('x'))), 'WSAECONNRESET');
    },
  },
  {
    row: 7,
    clause: 'closesocket alone is graceful, without data',
    async test(t, type) {
      const { caller, callee } = await connected(type);
      t.equal(caller.close(), 0);
      t.equal(await callee.next(FD_CLOSE), 0);
      t.equal(callee.lastWordNow(), '');
    },
  },
  {
    row: 7,
    clause: 'none after closesocket of one’s own',
    async test(t, type) {
      const { caller, callee } = await connected(type);
      WSASend(callee.socket, octets('unread'));
      caller.close();
      await callee.next(FD_CLOSE);
      callee.close();
      t.equal(caller.count(FD_CLOSE), 0);
      t.equal(caller.count(FD_READ), 0);
    },
  },
  {
    row: 8,
    clause: 'the end: 0 on a stream, WSAEDISCON on messages, each time',
    async test(t, type) {
      const { caller, callee } = await connected(type);
      WSASend(caller.socket, octets('data'));
      WSASendDisconnect(caller.socket);
      const end = type === SOCK_STREAM ? 0 : 'WSAEDISCON';
      t.strictSame(await callee.readAll(), { text: 'data', end });
      t.equal(result(WSARecv(callee.socket, room(9).buf)), end);
    },
  },
  {
    row: 9,
    clause: 'WSARecvDisconnect before the close: WSAEWOULDBLOCK, nothing lost',
    async test(t, type) {
      const { caller, callee } = await connected(type);
      t.equal(
        result(WSARecvDisconnect(callee.socket, room(9))),
        'WSAEWOULDBLOCK',
      );
      t.equal(result(WSARecvDisconnect(callee.socket)), 'WSAEWOULDBLOCK');
      WSASend(caller.socket, octets('data'));
      WSASendDisconnect(caller.socket, octets('bye'));
      await callee.next(FD_READ);
      t.equal(callee.lastWordNow(), 'WSAEWOULDBLOCK');
      t.equal((await callee.readAll()).text, 'data');
      t.equal(callee.lastWordNow(), 'bye');
    },
  },
  {
    row: 9,
    clause: 'too small a buffer: WSAEFAULT, the length returned, the data kept',
    async test(t, type) {
      const { caller, callee } = await connected(type);
      WSASendDisconnect(caller.socket, octets('a long goodbye'));
      await callee.next(FD_CLOSE);
      const buffer = room(4);
      t.equal(result(WSARecvDisconnect(callee.socket, buffer)), 'WSAEFAULT');
      t.equal(buffer.len, 14);
      t.strictSame(buffer.buf, Buffer.alloc(4));
      t.equal(WSARecvDisconnect(callee.socket, null), 0);
      const enough = room(14);
      t.equal(WSARecvDisconnect(callee.socket, enough), 0);
      t.equal(textOf(enough), 'a long goodbye');
      t.equal(callee.lastWordNow(), 'a long goodbye');
    },
  },
  {
    row: 10,
    clause: 'both at once: each gets FD_CLOSE 0 and the other’s data',
    async test(t, type) {
      const { caller, callee } = await connected(type);
      WSASendDisconnect(caller.socket, octets('41'));
      WSASendDisconnect(callee.socket, octets('42'));
      t.equal(await caller.next(FD_CLOSE), 0);
      t.equal(await callee.next(FD_CLOSE), 0);
      t.equal(caller.lastWordNow(), '42');
      t.equal(callee.lastWordNow(), '41');
    },
  },
  {
    row: 11,
    clause: 'closesocket in the same tick, with unread octets: nothing lost',
    async test(t, type) {
      const { caller, callee } = await connected(type);
      for (let count = 0; count < 8; count++) {
        WSASend(callee.socket, Buffer.alloc(1024));
      }
      await caller.next(FD_READ);
      const sent = sendUntilBlocked(caller);
      WSASendDisconnect(caller.socket, octets('the last word'));
      caller.close();
      t.equal((await callee.readAll()).text.length, sent);
      t.equal(await callee.lastWord(), 'the last word');
    },
  },
  {
    row: 11,
    clause: 'SO_LINGER on/0 aborts',
    async test(t, type) {
      const { caller, callee } = await connected(type);
      const linger = { onoff: 1, linger: 0 };
      t.equal(setsockopt(caller.socket, SOL_SOCKET, SO_LINGER, linger), 0);
      caller.close();
      t.equal(await callee.next(FD_CLOSE), 'WSAECONNRESET');
    },
  },
  {
    row: 11,
    // If this fails, the process never ends.
    clause: 'an abort while the FIN is on its way lets go of everything',
    async test(t, type) {
      const { caller, callee } = await connected(type);
      WSASendDisconnect(caller.socket, octets('perhaps'));
      caller.abort();
      await callee.next(FD_CLOSE);
      t.match(callee.lastWordNow(), /^(perhaps)?$/);
    },
  },
  {
    row: 11,
    clause: 'SO_LINGER on/n still delivers the last word',
    async test(t, type) {
      const { caller, callee } = await connected(type);
      const linger = { onoff: 1, linger: 5 };
      setsockopt(caller.socket, SOL_SOCKET, SO_LINGER, linger);
      WSASendDisconnect(caller.socket, octets('word'));
      caller.close();
      t.equal(await callee.lastWord(), 'word');
    },
  },
  {
    row: 12,
    clause: 'a caller that says nothing is closed when its time is up',
    async test(t, type) {
      const failures: (string | undefined)[] = [];
      const listener = await listening({
        type,
        options: {
          handshakeTimeout: 20,
          onHandshakeFailure: ({ detail }) => failures.push(detail),
        },
      });
      const { address, port } = getsockname(listener.socket)!;
      const silent = netConnect(port, address);
      await closeOf(silent);
      await until(() => failures.length > 0);
      t.match(failures, [/within 20 ms/]);
      t.equal(extendedError(listener.socket)?.name, 'WSAETIMEDOUT');
      t.equal(extendedError(listener.socket)?.callerId?.address, '127.0.0.1');
      t.equal(listenerStatistics(listener.socket)?.handshakeTimeouts, 1);
    },
  },
  {
    row: 12,
    clause: 'a callee that says nothing: WSAETIMEDOUT',
    async test(t, type) {
      const { server, name } = await plainPeer((socket) => {
        socket.on('error', () => {}).resume();
      });
      const caller = newParty({ type, options: { connectTimeout: 20 } });
      call(caller, name);
      t.equal(await caller.next(FD_CONNECT), 'WSAETIMEDOUT');
      t.match(extendedError(caller.socket)?.detail, /20 ms/);
      server.close();
    },
  },
  {
    row: 12,
    clause: 'no verdict in time: WSAETIMEDOUT',
    async test(t, type) {
      const listener = await listening({ type, options: { deferTimeout: 20 } });
      const caller = calling(listener, type);
      t.equal(await listener.tryAccept(deferring), 'WSATRY_AGAIN');
      t.equal(await caller.next(FD_CONNECT), 'WSAETIMEDOUT');
      t.equal(await listener.tryAccept(), 'WSAECONNRESET');
    },
  },
  {
    row: 12,
    clause: 'over the cap of pending ones: WSAECONNREFUSED',
    async test(t, type) {
      const listener = await listening({ type, options: { maxPending: 1 } });
      const first = calling(listener, type);
      await listener.next(FD_ACCEPT);
      const second = calling(listener, type);
      t.equal(await second.next(FD_CONNECT), 'WSAECONNREFUSED');
      await listener.accept();
      t.equal(await first.next(FD_CONNECT), 0);
      t.equal(listenerStatistics(listener.socket)?.overLimit, 1);
    },
  },
  {
    row: 12,
    clause: 'over the cap of deferred ones: WSAENOBUFS, and refused',
    async test(t, type) {
      const listener = await listening({ type, options: { maxDeferred: 0 } });
      const caller = calling(listener, type);
      t.equal(await listener.tryAccept(deferring), 'WSAENOBUFS');
      t.equal(await caller.next(FD_CONNECT), 'WSAECONNREFUSED');
    },
  },
  {
    row: 13,
    clause: 'a caller without framing is recognised by its first octets',
    async test(t, type) {
      const failures: (string | undefined)[] = [];
      const listener = await listening({
        type,
        options: {
          onHandshakeFailure: ({ detail }) => failures.push(detail),
        },
      });
      const { address, port } = getsockname(listener.socket)!;
      const http = netConnect(port, address);
      http.end('HTTP/1.1 or so\r\n\r\n');
      await closeOf(http);
      await until(() => failures.length > 0);
      t.match(failures, [/48 54 54 50/]);
      t.equal(extendedError(listener.socket)?.name, 'WSAEPROTONOSUPPORT');
    },
  },
  {
    row: 13,
    clause: 'a callee without framing: WSAEPROTONOSUPPORT, at once',
    async test(t, type) {
      const { server, name } = await plainPeer((socket) => {
        socket.on('error', () => {}).end('220 mail.example\r\n');
      });
      const caller = newParty({ type });
      call(caller, name);
      t.equal(await caller.next(FD_CONNECT), 'WSAEPROTONOSUPPORT');
      t.match(extendedError(caller.socket)?.detail, /32 32 30 20/);
      server.close();
    },
  },
  {
    row: 14,
    clause: 'SQOS travels, is changed by the callee, and comes back',
    async test(t, type) {
      const listener = await listening({ type });
      const sqos: Qos = {
        sending: flowspec({ tokenRate: 5000, latency: 7 }),
        receiving: flowspec(),
      };
      const caller = calling(listener, type, { sqos });
      const asked: (Qos | null)[] = [];
      t.equal(
        await listener.tryAccept((_id, _data, wanted) => {
          asked.push(structuredClone(wanted));
          wanted!.receiving.tokenRate = 1;
          return CF_DEFER;
        }),
        'WSATRY_AGAIN',
      );
      await listener.accept((_id, _data, wanted) => {
        asked.push(structuredClone(wanted));
        wanted!.receiving.tokenRate = 1000;
        return CF_ACCEPT;
      });
      t.equal(sqos.sending.tokenRate, 5000);
      t.equal(await caller.next(FD_CONNECT), 0);
      t.match(asked[0], { sending: { tokenRate: 5000, latency: 7 } });
      t.strictSame(asked[1], asked[0]);
      t.match(sqos, {
        sending: { tokenRate: 5000, latency: 7 },
        receiving: { tokenRate: 1000 },
      });
    },
  },
  {
    row: 14,
    clause: 'without SQOS nothing can be changed',
    async test(t, type) {
      const listener = await listening({ type });
      calling(listener, type);
      await listener.accept((_id, _data, sqos, gqos) => {
        t.equal(sqos, null);
        t.equal(gqos, null);
        return CF_ACCEPT;
      });
    },
  },
  {
    row: 14,
    clause: 'what can’t be served: WSAEOPNOTSUPP; GQOS: WSAEINVAL',
    async test(t, type) {
      const listener = await listening({ type });
      const name = getsockname(listener.socket)!;
      const guaranteed: Qos = {
        sending: flowspec({ serviceType: SERVICETYPE_GUARANTEED }),
        receiving: flowspec(),
      };
      const { socket } = newParty({ type });
      t.equal(
        result(WSAConnect(socket, name, null, null, guaranteed)),
        'WSAEOPNOTSUPP',
      );
      t.equal(
        result(
          WSAConnect(socket, name, null, null, null, {} as unknown as null),
        ),
        'WSAEINVAL',
      );
      const sqos = { sending: flowspec(), receiving: flowspec() };
      const caller = calling(listener, type, { sqos });
      t.equal(
        await listener.tryAccept((_id, _data, wanted) => {
          wanted!.sending.serviceType = SERVICETYPE_GUARANTEED;
          return CF_ACCEPT;
        }),
        'WSAEOPNOTSUPP',
      );
      await listener.accept();
      t.equal(await caller.next(FD_CONNECT), 0);
    },
  },
];

const types = [
  { type: SOCK_STREAM, name: 'SOCK_STREAM' },
  { type: SOCK_SEQPACKET, name: 'SOCK_SEQPACKET' },
];

for (const { row, clause, test } of clauses) {
  for (const { type, name } of types) {
    t.test(`row ${row}, ${name}: ${clause}`, (t) => test(t, type));
  }
}

t.test('row 13: allowPlain takes a caller without framing', async (t) => {
  const listener = await listening({ options: { allowPlain: true } });
  const { address, port } = getsockname(listener.socket)!;
  const plain = netConnect(port, address);
  plain.write('GET / or so');
  const callee = await listener.accept((_id, data, _sqos, _gqos, _to, out) => {
    t.equal(data, null);
    t.equal(out.len, 0);
    return CF_ACCEPT;
  });
  t.equal(await callee.read(), 'GET / or so');
  WSASend(callee.socket, octets('an answer'));
  t.equal(
    result(WSASendDisconnect(callee.socket, octets('word'))),
    'WSAENOPROTOOPT',
  );
  t.equal(WSASendDisconnect(callee.socket), 0);
  plain.setEncoding('latin1');
  let heard = '';
  plain.on('data', (piece: string) => {
    heard += piece;
  });
  await once(plain, 'end');
  t.equal(heard, 'an answer');
  t.equal(await callee.next(FD_CLOSE), 0);
});

t.test('the rows above are all of the contract up to 14', (t) => {
  const rows = new Set(clauses.map(({ row }) => row));
  t.strictSame(
    [...rows].toSorted((a, b) => a - b),
    Array.from({ length: 14 }, (_, index) => index + 1),
  );
  t.end();
});

t.test('FD_WRITE says when a blocked sender may continue', async (t) => {
  const { caller, callee } = await connected();
  await caller.next(FD_WRITE);
  sendUntilBlocked(caller);
  t.equal(lastError(), 'WSAEWOULDBLOCK');
  const reading = callee.readAll();
  t.equal(await caller.next(FD_WRITE), 0);
  t.equal(WSASend(caller.socket, octets('on')), 2);
  WSASendDisconnect(caller.socket);
  t.match((await reading).text, /on$/);
});

t.test('nothing to accept: WSAEWOULDBLOCK', async (t) => {
  const listener = await listening();
  t.equal(WSAAccept(listener.socket), INVALID_SOCKET);
  t.equal(lastError(), 'WSAEWOULDBLOCK');
});
