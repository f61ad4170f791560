import type { TlsOptions } from 'node:tls';
import { checkInteger } from '../arguments.js';
import { AF_INET6, AF_UNIX, SOMAXCONN } from '../vocabulary/constants.js';
import {
  WSAEINVAL,
  WSAEISCONN,
  type Status,
} from '../vocabulary/error-codes.js';
import type { Failure, ListenTarget } from '../provider/provider.js';
import { fail, outcome } from './last-error.js';
import type { SOCKADDR } from './sockaddr.js';
import { openSocket, type SocketHandle } from './socket-handle.js';
import type { SOCKET } from './socket.js';

/**
 * Begins to listen at the name given to bind.
 *
 * @param backlog connections that the system queues; SOMAXCONN: its maximum.
 * @returns a promise, where Winsock returns at once: 0, or SOCKET_ERROR with
 *  the last error set right before it resolves: WSAENOTSOCK; WSAEINVAL (not
 *  bound, or connecting); WSAEISCONN; and, instead of at bind, WSAEADDRINUSE,
 *  WSAEADDRNOTAVAIL, WSAEACCES. On a listening socket it does nothing, and
 *  resolves to 0.
 * @see "listen function (winsock2.h)"
 */
export function listen(s: SOCKET, backlog: number): Promise<number> {
  checkInteger(backlog, 'backlog', -SOMAXCONN, SOMAXCONN);
  const socket = openSocket(s);
  if (!socket) return Promise.resolve(-1);
  if (socket.listening) return socket.listening;
  if (socket.stage === 'connected') return Promise.resolve(fail(WSAEISCONN));
  if (socket.stage !== 'unconnected' || !socket.boundName) {
    return Promise.resolve(fail(WSAEINVAL));
  }
  socket.stage = 'listening';
  socket.listening = start(socket, targetOf(socket, socket.boundName, backlog));
  return socket.listening;
}

function start(socket: SocketHandle, target: ListenTarget): Promise<number> {
  return new Promise((resolve) => {
    // Whichever comes first: the system's answer, or closesocket.
    const settle = (status: Status) => {
      if (!socket.pendingListen) return;
      socket.pendingListen = undefined;
      if (status !== 0) {
        socket.listening = undefined;
        socket.listener = undefined;
        socket.stage = 'unconnected';
      }
      resolve(outcome(status));
    };
    socket.pendingListen = settle;
    socket.openListener().listen(target, (failure: Failure) => {
      if (failure.status !== 0) socket.listenFailure = failure;
      settle(failure.status);
    });
  });
}

function targetOf(
  { traits, v6Only }: SocketHandle,
  { family, address, port }: SOCKADDR,
  backlog: number,
): ListenTarget {
  const options = {
    // SOMAXCONN_HINT(n) is -n.
    backlog: Math.abs(backlog),
    tls: traits.tls as TlsOptions | undefined,
  };
  if (family === AF_UNIX) return { ...options, path: address };
  return {
    ...options,
    host: address,
    port,
    ipv6Only: family === AF_INET6 && v6Only,
  };
}
