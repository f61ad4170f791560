import {
  FD_ACCEPT,
  FD_CLOSE,
  FD_CONNECT,
  FD_CONNECT_BIT,
  FD_READ,
  INVALID_SOCKET,
  SOCK_STREAM,
  SOCKET_ERROR,
  WSAAccept,
  WSAConnect,
  WSACreateEvent,
  WSAEnumNetworkEvents,
  WSAEventSelect,
  WSARecv,
  WSASocket,
  bind,
  closesocket,
  getsockname,
  listen,
  type SOCKET,
} from '../../src/winsock/index.js';
import { must, mustSend, placeOf, sockaddrOf } from '../support/winsock.js';
import { Reply, type Echo } from './echo.js';

/** goodbyte's Winsock-named calls. */
export const echo: Echo = {
  async listen(place) {
    const accepted = new Set<SOCKET>();
    const name = sockaddrOf(place);
    const listener = WSASocket(name.family, SOCK_STREAM, 0);
    must(bind(listener, name));
    must(await listen(listener, 511));
    const arrival = WSACreateEvent(() => {
      WSAEnumNetworkEvents(listener, arrival, occurred);
      for (;;) {
        const socket = WSAAccept(listener);
        if (socket === INVALID_SOCKET) return;
        accepted.add(socket);
        serve(socket, accepted);
      }
    });
    must(WSAEventSelect(listener, arrival, FD_ACCEPT));
    return {
      place: placeOf(getsockname(listener)!),
      get connections() {
        return accepted.size;
      },
    };
  },

  connect(place) {
    const name = sockaddrOf(place);
    const socket = WSASocket(name.family, SOCK_STREAM, 0);
    const reply = new Reply();
    return new Promise((resolve, reject) => {
      const event = WSACreateEvent(() => {
        WSAEnumNetworkEvents(socket, event, occurred);
        const { networkEvents, errorCode } = occurred;
        if (networkEvents & FD_READ) reply.take(receive(socket));
        if (networkEvents & FD_CLOSE) reply.fail(new Error('closed'));
        if (!(networkEvents & FD_CONNECT)) return;
        const code = errorCode[FD_CONNECT_BIT]!;
        if (code !== 0) {
          reject(new Error(`connect failed with ${code}`));
          return;
        }
        resolve({
          echo(octets, done) {
            reply.expect(octets, done);
            mustSend(socket, octets);
          },
          close() {
            must(closesocket(socket));
          },
        });
      });
      must(WSAEventSelect(socket, event, FD_CONNECT | FD_READ | FD_CLOSE));
      // Under way; FD_CONNECT reports the outcome.
      WSAConnect(socket, name);
    });
  },
};

/** Filled by WSAEnumNetworkEvents, and read at once. */
const occurred = { networkEvents: 0, errorCode: [] as number[] };
/** Shared by all sockets: each receive is dealt with before the next call. */
const received = Buffer.alloc(64 * 1024);

function serve(socket: SOCKET, accepted: Set<SOCKET>): void {
  const event = WSACreateEvent(() => {
    WSAEnumNetworkEvents(socket, event, occurred);
    const { networkEvents } = occurred;
    if (networkEvents & FD_READ) mustSend(socket, receive(socket));
    if (networkEvents & FD_CLOSE) {
      accepted.delete(socket);
      closesocket(socket);
    }
  });
  must(WSAEventSelect(socket, event, FD_READ | FD_CLOSE));
}

function receive(socket: SOCKET): Buffer {
  const count = WSARecv(socket, received);
  if (count === SOCKET_ERROR) must(count);
  return received.subarray(0, count);
}
