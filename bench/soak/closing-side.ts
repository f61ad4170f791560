// The closing side of a soak, in its own process. It reads nothing that its
// callers send: on the first input it says its last word and closes, in the way
// that its arguments choose.
import {
  FD_ACCEPT,
  FD_READ,
  INVALID_SOCKET,
  SOCK_STREAM,
  SOL_SOCKET,
  SO_LINGER,
  SOCKET_ERROR,
  WSAAccept,
  WSACreateEvent,
  WSAEventSelect,
  WSAGetLastError,
  WSAResetEvent,
  WSASend,
  WSASendDisconnect,
  WSASocket,
  bind,
  closesocket,
  getsockname,
  listen,
  setsockopt,
  type SOCKET,
} from '../../src/winsock/index.js';
import { media, type Medium, type MediumName } from './media.js';
import { LAST_WORD, QUEUED, type Way } from './ways.js';

const medium: Medium = media[process.argv[2] as MediumName];
const way = process.argv[3] as Way;
const queued = Buffer.alloc(QUEUED, 'q');

const listener = WSASocket(medium.family, SOCK_STREAM, 0, null, {
  tls: medium.serverTls,
});
must(bind(listener, medium.name()));
must(await listen(listener, 511));
const arrival = WSACreateEvent(acceptAll);
WSAEventSelect(listener, arrival, FD_ACCEPT);
process.send!(getsockname(listener));
process.once('disconnect', () => closesocket(listener));

function acceptAll(): void {
  WSAResetEvent(arrival);
  for (;;) {
    const socket = WSAAccept(listener);
    if (socket === INVALID_SOCKET) return;
    const data = WSACreateEvent(() => {
      sayLastWord(socket);
    });
    WSAEventSelect(socket, data, FD_READ);
  }
}

function sayLastWord(socket: SOCKET): void {
  if (way === 'behind-1-MiB') must(WSASend(socket, queued));
  if (way === 'abort') {
    setsockopt(socket, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
  } else {
    must(WSASendDisconnect(socket, LAST_WORD));
  }
  if (way === 'next-turn') setImmediate(closesocket, socket);
  else must(closesocket(socket));
}

function must(result: number): void {
  if (result === SOCKET_ERROR) {
    throw new Error(`a call failed with ${WSAGetLastError()}`);
  }
}
