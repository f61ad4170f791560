import {
  FD_ACCEPT,
  FD_CONNECT,
  FD_CONNECT_BIT,
  FD_READ,
  FD_WRITE,
  INVALID_SOCKET,
  SOCK_SEQPACKET,
  SOCKET_ERROR,
  WSAAccept,
  WSAConnect,
  WSACreateEvent,
  WSAEWOULDBLOCK,
  WSAEnumNetworkEvents,
  WSAEventSelect,
  WSAGetLastError,
  WSARecv,
  WSASend,
  WSASocket,
  bind,
  getsockname,
  listen,
  type SOCKADDR,
  type SOCKET,
} from '../../src/winsock/index.js';
import type { Medium } from '../support/medium.js';
import { must, sockaddrOf } from '../support/winsock.js';
import type { Work } from '../support/work.js';
import { Messages, type Size } from './messages.js';

export async function open({ place }: Medium, size: Size): Promise<Work> {
  const own = sockaddrOf(place);
  const caller = WSASocket(own.family, SOCK_SEQPACKET, 0);
  const work = new Messages(size, (message) => {
    if (WSASend(caller, message) !== SOCKET_ERROR) return true;
    mustBlock();
    return false;
  });
  const listener = WSASocket(own.family, SOCK_SEQPACKET, 0);
  must(bind(listener, own));
  must(await listen(listener, 1));
  // Longer than a message, so that one that is too long shows.
  const room = Buffer.alloc(size.octets + 1);
  on(listener, FD_ACCEPT, () => {
    const callee = WSAAccept(listener);
    if (callee === INVALID_SOCKET) return;
    on(callee, FD_READ, () => {
      receiveAll(callee, room, work);
    });
  });
  await connect(caller, getsockname(listener)!, work);
  return work;
}

function connect(
  caller: SOCKET,
  name: SOCKADDR,
  work: Messages,
): Promise<void> {
  return new Promise((resolve) => {
    on(caller, FD_CONNECT | FD_WRITE, ({ networkEvents, errorCode }) => {
      if (networkEvents & FD_CONNECT) {
        must(errorCode[FD_CONNECT_BIT]!);
        resolve();
      }
      if (networkEvents & FD_WRITE) work.goOn();
    });
    // Under way; FD_CONNECT reports the outcome.
    WSAConnect(caller, name);
  });
}

function receiveAll(callee: SOCKET, room: Buffer, work: Messages): void {
  for (;;) {
    const count = WSARecv(callee, room);
    if (count === SOCKET_ERROR) {
      mustBlock();
      return;
    }
    work.received(room.subarray(0, count));
  }
}

/** @throws unless the last call failed since it would have to wait. */
function mustBlock(): void {
  const code = WSAGetLastError();
  if (code !== WSAEWOULDBLOCK) throw new Error(`failed with ${code}`);
}

/** Filled by WSAEnumNetworkEvents, and read at once. */
const occurred = { networkEvents: 0, errorCode: [] as number[] };

function on(
  socket: SOCKET,
  events: number,
  listener: (what: typeof occurred) => void,
): void {
  const event = WSACreateEvent(() => {
    WSAEnumNetworkEvents(socket, event, occurred);
    listener(occurred);
  });
  must(WSAEventSelect(socket, event, events));
}
