import t from 'tap';
import {
  FD_CLOSE,
  FD_READ,
  FD_WRITE,
  INVALID_SOCKET,
  MSG_PARTIAL,
  MSG_PEEK,
  recvChunk,
  SD_BOTH,
  SD_RECEIVE,
  SD_SEND,
  sendChunk,
  shutdown,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  WSARecv,
  WSARecvDisconnect,
  WSASend,
  WSASendDisconnect,
} from '../../src/winsock/index.js';
import {
  closeAll,
  connected,
  listening,
  newParty,
  octets,
  result,
  room,
  until,
  type Party,
} from '../support/winsock.js';

t.afterEach(closeAll);

/** Waits until this many octets can be received. */
async function arrival(party: Party, length: number): Promise<void> {
  const { buf } = room(length);
  await until(() => {
    const flags = { flags: MSG_PEEK };
    return WSARecv(party.socket, buf, flags) === length;
  });
}

const text = (chunk: Uint8Array | number) =>
  typeof chunk === 'number' ? chunk : Buffer.from(chunk).toString('latin1');

t.test('SOCK_STREAM: gather, scatter, and as much as is there', async (t) => {
  const { caller, callee } = await connected();
  t.equal(WSASend(caller.socket, [octets('ab'), octets(''), octets('cde')]), 5);
  t.equal(WSASend(caller.socket, octets('fgh')), 3);
  await arrival(callee, 8);
  const parts = [Buffer.alloc(3), Buffer.alloc(0), Buffer.alloc(4)];
  t.equal(WSARecv(callee.socket, parts), 7);
  t.equal(Buffer.concat(parts).toString(), 'abcdefg');
  const rest = Buffer.alloc(9);
  t.equal(WSARecv(callee.socket, [rest.subarray(0, 4), rest.subarray(4)]), 1);
  t.equal(rest.toString('latin1', 0, 1), 'h');
});

t.test('SOCK_STREAM: MSG_PEEK leaves all where it is, in one go', async (t) => {
  const { caller, callee } = await connected();
  WSASend(caller.socket, octets('one'));
  WSASend(caller.socket, octets('two'));
  await arrival(callee, 6);
  const flags = { flags: MSG_PEEK };
  const parts = [Buffer.alloc(4), Buffer.alloc(9)];
  t.equal(WSARecv(callee.socket, parts, flags), 6);
  t.equal(parts[0]!.toString() + parts[1]!.toString('latin1', 0, 2), 'onetwo');
  t.equal(flags.flags, MSG_PEEK);
  const { buf } = room(2);
  t.equal(WSARecv(callee.socket, buf, flags), 2);
  t.equal(text(buf), 'on');
  t.equal(text(recvChunk(callee.socket, 2)), 'on');
  t.equal(WSARecv(callee.socket, room(9).buf), 4);
  t.equal(
    result(WSARecv(callee.socket, buf, { flags: MSG_PEEK })),
    'WSAEWOULDBLOCK',
  );
});

t.test('SOCK_STREAM: nothing sent is nothing received', async (t) => {
  const { caller, callee } = await connected();
  t.equal(WSASend(caller.socket, octets('')), 0);
  t.equal(WSASend(caller.socket, []), 0);
  WSASend(caller.socket, octets('x'));
  t.equal(result(WSARecv(callee.socket, Buffer.alloc(0))), 'WSAEWOULDBLOCK');
  await arrival(callee, 1);
  t.equal(WSARecv(callee.socket, Buffer.alloc(0)), 0);
  t.equal(WSARecv(callee.socket, []), 0);
  t.equal(WSARecv(callee.socket, Buffer.alloc(9)), 1);
  WSASendDisconnect(caller.socket);
  await callee.next(FD_CLOSE);
  t.equal(recvChunk(callee.socket), 0);
  t.equal(WSARecv(callee.socket, [Buffer.alloc(4)], { flags: MSG_PEEK }), 0);
});

t.test('SOCK_SEQPACKET: messages are kept apart, empty ones too', async (t) => {
  const { caller, callee } = await connected(SOCK_SEQPACKET);
  WSASend(caller.socket, [octets('fir'), octets('st')]);
  WSASend(caller.socket, octets(''));
  WSASend(caller.socket, octets('third'));
  WSASendDisconnect(caller.socket);
  const heard: string[] = [];
  await callee.next(1);
  for (;;) {
    const { buf } = room(99);
    const flags = { flags: 0 };
    const received = WSARecv(callee.socket, buf, flags);
    const outcome = result(received);
    if (outcome === 'WSAEWOULDBLOCK') await callee.next(1);
    else if (outcome === 'WSAEDISCON') break;
    else heard.push(text(buf.subarray(0, received)) as string);
    t.equal(flags.flags, 0);
  }
  t.strictSame(heard, ['first', '', 'third']);
  t.equal(recvChunk(callee.socket), -1);
  t.equal(result(-1), 'WSAEDISCON');
});

t.test('SOCK_SEQPACKET: MSG_PARTIAL while the message continues', async (t) => {
  const { caller, callee } = await connected(SOCK_SEQPACKET);
  WSASend(caller.socket, octets('a long one'));
  WSASend(caller.socket, octets('next'));
  await arrival(callee, 10);
  const flags = { flags: MSG_PEEK };
  const { buf } = room(4);
  t.equal(WSARecv(callee.socket, buf, flags), 4);
  t.equal(flags.flags, MSG_PARTIAL);
  t.equal(
    WSARecv(callee.socket, [buf.subarray(2), buf.subarray(0, 2)], flags),
    4,
  );
  t.equal(text(buf), 'loa ');
  t.equal(flags.flags, MSG_PARTIAL);
  const rest = room(99).buf;
  t.equal(
    WSARecv(callee.socket, [rest.subarray(0, 3), rest.subarray(3)], flags),
    6,
  );
  t.equal(flags.flags, 0);
  t.equal(text(rest.subarray(0, 6)), 'ng one');
  await arrival(callee, 4);
  t.equal(text(recvChunk(callee.socket)), 'next');
});

t.test('a message longer than the peer takes: WSAEMSGSIZE', async (t) => {
  const options = { messageLimit: 10 };
  const { caller, callee } = await connected(SOCK_SEQPACKET, { options });
  t.equal(result(WSASend(caller.socket, Buffer.alloc(11))), 'WSAEMSGSIZE');
  t.equal(WSASend(caller.socket, octets('0123456789')), 10);
  t.equal(await callee.read(), '0123456789');
});

for (const type of [SOCK_STREAM, SOCK_SEQPACKET]) {
  const name = type === SOCK_STREAM ? 'SOCK_STREAM' : 'SOCK_SEQPACKET';

  t.test(`${name}: buffers are free again after WSASend`, async (t) => {
    const { caller, callee } = await connected(type);
    const reading = callee.readAll();
    let expected = '';
    for (const length of [1, 2047, 2048, 65_536, 500_000]) {
      for (const buffers of [
        [Buffer.alloc(length, 'a')],
        [Buffer.alloc(length, 'b'), Buffer.alloc(1, 'c')],
      ]) {
        expected += Buffer.concat(buffers).toString('latin1');
        const what = buffers.length === 1 ? buffers[0]! : buffers;
        while (result(WSASend(caller.socket, what)) === 'WSAEWOULDBLOCK') {
          await caller.next(FD_WRITE);
        }
        for (const buffer of buffers) buffer.fill('!');
      }
    }
    WSASendDisconnect(caller.socket);
    const { text: heard } = await reading;
    t.equal(heard.length, expected.length);
    t.ok(heard === expected);
  });

  t.test(`${name}: sendChunk says when the octets are sent`, async (t) => {
    const { caller, callee } = await connected(type);
    const chunk = Buffer.alloc(100_000, 'z');
    const sent = new Promise<number>((resolve) => {
      t.equal(sendChunk(caller.socket, chunk, resolve), chunk.length);
    });
    const reading = callee.readAll();
    t.equal(await sent, 0);
    WSASendDisconnect(caller.socket);
    t.equal((await reading).text.length, chunk.length);
    t.equal(result(sendChunk(caller.socket, chunk)), 'WSAESHUTDOWN');
  });

  t.test(`${name}: shutdown`, async (t) => {
    const { caller, callee } = await connected(type);
    t.equal(shutdown(caller.socket, SD_SEND), 0);
    t.equal(shutdown(caller.socket, SD_SEND), 0);
    t.equal(result(WSASend(caller.socket, octets('x'))), 'WSAESHUTDOWN');
    t.equal(await callee.next(FD_CLOSE), 0);
    WSASend(callee.socket, octets('dropped'));
    await caller.next(FD_READ);
    t.equal(shutdown(caller.socket, SD_RECEIVE), 0);
    t.equal(result(WSARecv(caller.socket, room(9).buf)), 'WSAESHUTDOWN');
    t.equal(shutdown(callee.socket, SD_BOTH), 0);
    t.equal(result(WSARecv(callee.socket, room(9).buf)), 'WSAESHUTDOWN');
    // Both directions are shut here, but the peer's close is still reported.
    t.equal(await caller.next(FD_CLOSE), 0);
    t.equal(result(shutdown(caller.socket, 3)), 'WSAEINVAL');
  });

  t.test(`${name}: calls on sockets that are not connected`, async (t) => {
    const { buf } = room(4);
    for (const { socket } of [newParty({ type }), await listening({ type })]) {
      for (const call of [
        () => WSASend(socket, octets('x')),
        () => sendChunk(socket, octets('x')),
        () => WSARecv(socket, buf),
        () => WSARecv(socket, buf, { flags: MSG_PEEK }),
        () => recvChunk(socket) as number,
        () => WSASendDisconnect(socket),
        () => WSASendDisconnect(socket, octets('x')),
        () => WSARecvDisconnect(socket, room(4)),
        () => WSARecvDisconnect(socket),
        () => shutdown(socket, SD_SEND),
        () => shutdown(socket, SD_RECEIVE),
        () => shutdown(socket, SD_BOTH),
      ]) {
        t.equal(result(call()), 'WSAENOTCONN', String(call));
      }
    }
  });
}

t.test('flags that there are not', async (t) => {
  const { caller } = await connected();
  t.equal(result(WSASend(caller.socket, octets('x'), 1)), 'WSAEOPNOTSUPP');
  t.equal(
    result(WSARecv(caller.socket, room(1).buf, { flags: 8 })),
    'WSAEOPNOTSUPP',
  );
});

t.test('calls on a closed or invalid socket fail', (t) => {
  const closed = newParty();
  closed.close();
  for (const socket of [INVALID_SOCKET, closed.socket]) {
    for (const call of [
      () => WSASend(socket, octets('x')),
      () => sendChunk(socket, octets('x')),
      () => WSARecv(socket, room(1).buf),
      () => recvChunk(socket) as number,
      () => WSASendDisconnect(socket),
      () => WSARecvDisconnect(socket),
      () => shutdown(socket, SD_SEND),
    ]) {
      t.equal(result(call()), 'WSAENOTSOCK', String(call));
    }
  }
  t.end();
});
