import {
  AF_INET,
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
  WSAGetLastError,
  WSARecv,
  WSASend,
  WSASocket,
  bind,
  closesocket,
  getsockname,
  listen,
  type SOCKET,
} from '../../src/winsock/index.js';
import { must } from '../support/winsock.js';
import { Reply, type Echo } from './echo.js';

/** goodbyte's Winsock-named calls. */
export const echo: Echo = {
  async listen() {
    const accepted = new Set<SOCKET>();
    const listener = WSASocket(AF_INET, SOCK_STREAM, 0);
    must(bind(listener, { family: AF_INET, address: '127.0.0.1', port: 0 }));
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
      port: getsockname(listener)!.port,
      get connections() {
        return accepted.size;
      },
    };
  },

  connect(port) {
    const socket = WSASocket(AF_INET, SOCK_STREAM, 0);
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
            send(socket, octets);
          },
          close() {
            must(closesocket(socket));
          },
        });
      });
      must(WSAEventSelect(socket, event, FD_CONNECT | FD_READ | FD_CLOSE));
      // Under way; FD_CONNECT reports the outcome.
      WSAConnect(socket, { family: AF_INET, address: '127.0.0.1', port });
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
    if (networkEvents & FD_READ) send(socket, receive(socket));
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

function send(socket: SOCKET, octets: Uint8Array): void {
  if (WSASend(socket, octets) === SOCKET_ERROR) {
    throw new Error(`WSASend failed with ${WSAGetLastError()}`);
  }
}
