// The exchange with goodbyte's Winsock-named calls.
import {
  CF_ACCEPT,
  CF_REJECT,
  FD_ACCEPT,
  FD_CLOSE,
  FD_CLOSE_BIT,
  FD_CONNECT,
  FD_CONNECT_BIT,
  INVALID_SOCKET,
  SOCK_STREAM,
  WSAAccept,
  WSAConnect,
  WSACreateEvent,
  WSAEnumNetworkEvents,
  WSAEventSelect,
  WSARecvDisconnect,
  WSASendDisconnect,
  WSASocket,
  bind,
  closesocket,
  getsockname,
  listen,
  type ConditionFunction,
  type SOCKADDR,
  type SOCKET,
} from '../../src/winsock/index.js';
import type { Medium } from '../support/medium.js';
import { must, sockaddrOf } from '../support/winsock.js';
import type { Done, Work } from '../support/work.js';
import { Exchanges, expectWord, idOf, word } from './exchanges.js';

const ROOM = 64;

export async function open({ place }: Medium, lanes: number): Promise<Work> {
  const exchanges = new Exchanges();
  const own = sockaddrOf(place);
  const listener = WSASocket(own.family, SOCK_STREAM, 0);
  must(bind(listener, own));
  must(await listen(listener, 511));
  const arrival = WSACreateEvent(() => {
    WSAEnumNetworkEvents(listener, arrival, occurred);
    acceptAll(listener, exchanges);
  });
  must(WSAEventSelect(listener, arrival, FD_ACCEPT));
  const name = getsockname(listener)!;
  return exchanges.work(lanes, (done) => {
    call(name, exchanges, done);
  });
}

/** Filled by WSAEnumNetworkEvents, and read at once. */
const occurred = { networkEvents: 0, errorCode: [] as number[] };

function acceptAll(listener: SOCKET, exchanges: Exchanges): void {
  const caller = { id: 0 };
  for (;;) {
    const socket = WSAAccept(listener, null, decide, caller);
    if (socket === INVALID_SOCKET) return;
    serve(socket, caller.id, exchanges);
  }
}

const decide: ConditionFunction = (
  _callerId,
  callerData,
  _sqos,
  _gqos,
  _calleeId,
  calleeData,
  _group,
  caller,
) => {
  const text = textOf(callerData);
  if (!text?.startsWith('caller')) return CF_REJECT;
  const id = idOf(text);
  (caller as { id: number }).id = id;
  calleeData.buf = octets(word('callee', id));
  calleeData.len = calleeData.buf.length;
  return CF_ACCEPT;
};

function serve(socket: SOCKET, id: number, exchanges: Exchanges): void {
  const closing = WSACreateEvent(() => {
    WSAEnumNetworkEvents(socket, closing, occurred);
    try {
      must(occurred.errorCode[FD_CLOSE_BIT]!);
      expectWord('client', id, lastWordOf(socket));
      must(WSASendDisconnect(socket, octets(word('server', id))));
      must(closesocket(socket));
      exchanges.closed(id);
    } catch (error) {
      exchanges.failed(id, error as Error);
    }
  });
  must(WSAEventSelect(socket, closing, FD_CLOSE));
}

function call(name: SOCKADDR, exchanges: Exchanges, done: Done): void {
  const id = exchanges.begin(done);
  const socket = WSASocket(name.family, SOCK_STREAM, 0);
  const calleeData = { buf: Buffer.allocUnsafe(ROOM), len: ROOM };
  const event = WSACreateEvent(() => {
    WSAEnumNetworkEvents(socket, event, occurred);
    const { networkEvents, errorCode } = occurred;
    try {
      if (networkEvents & FD_CONNECT) {
        must(errorCode[FD_CONNECT_BIT]!);
        const { buf, len } = calleeData;
        expectWord('callee', id, buf.toString('latin1', 0, len));
        exchanges.accepted(id);
        must(WSASendDisconnect(socket, octets(word('client', id))));
      }
      if (networkEvents & FD_CLOSE) {
        must(errorCode[FD_CLOSE_BIT]!);
        expectWord('server', id, lastWordOf(socket));
        must(closesocket(socket));
        exchanges.closed(id);
      }
    } catch (error) {
      exchanges.failed(id, error as Error);
    }
  });
  must(WSAEventSelect(socket, event, FD_CONNECT | FD_CLOSE));
  // Under way; FD_CONNECT reports the outcome.
  WSAConnect(socket, name, octets(word('caller', id)), calleeData);
}

const lastWord = Buffer.alloc(ROOM);

function lastWordOf(socket: SOCKET): string {
  const room = { buf: lastWord, len: ROOM };
  must(WSARecvDisconnect(socket, room));
  return lastWord.toString('latin1', 0, room.len);
}

function octets(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function textOf(data: Uint8Array | null): string | undefined {
  if (!data) return undefined;
  const { buffer, byteOffset, length } = data;
  return Buffer.from(buffer, byteOffset, length).toString('latin1');
}
