import { isIPv4, isIPv6 } from 'node:net';
import { AF_INET, AF_INET6 } from '../vocabulary/constants.js';
import {
  WSAEFAULT,
  WSAEINVAL,
  WSAENOTCONN,
} from '../vocabulary/error-codes.js';
import { fail } from './last-error.js';
import { checkName, toName, type SOCKADDR } from './sockaddr.js';
import { openSocket } from './socket-handle.js';
import type { SOCKET } from './socket.js';

/**
 * Gives a socket its local name.
 *
 * With framing the name is only recorded here: the system binds it when the
 * socket listens or connects, and only then returns WSAEADDRINUSE,
 * WSAEADDRNOTAVAIL and WSAEACCES.
 *
 * @param name a numeric address ('' is any) and port (0: the system chooses),
 *  or a path.
 * @returns 0, or SOCKET_ERROR with WSAENOTSOCK, WSAEINVAL (the socket has a
 *  name already, or is in use) or WSAEFAULT (not an address of its family).
 * @see "bind function (winsock2.h)"
 */
export function bind(s: SOCKET, name: SOCKADDR): number {
  checkName(name, 'name');
  const socket = openSocket(s);
  if (!socket) return -1;
  if (socket.boundName || socket.stage !== 'unconnected') {
    return fail(WSAEINVAL);
  }
  const { addressFamily } = socket.traits.protocol;
  if (name.family !== addressFamily || !isNumeric(name)) return fail(WSAEFAULT);
  socket.boundName = { ...name, address: name.address || anyOf(name.family) };
  return 0;
}

function isNumeric({ family, address }: SOCKADDR): boolean {
  if (family === AF_INET) return address === '' || isIPv4(address);
  if (family === AF_INET6) return address === '' || isIPv6(address);
  return address !== '';
}

function anyOf(family: number): string {
  return family === AF_INET ? '0.0.0.0' : '::';
}

/**
 * The local name of a socket; the name given to bind, if it neither listens nor
 * is connected.
 *
 * @returns `undefined` with WSAENOTSOCK, or WSAEINVAL (it has no name yet).
 * @see "getsockname function (winsock.h)"
 */
export function getsockname(s: SOCKET): SOCKADDR | undefined {
  const socket = openSocket(s);
  if (!socket) return undefined;
  const address = (socket.listener ?? socket.connection)?.localAddress;
  const name = address
    ? toName(address)
    : (socket.localName ?? socket.boundName);
  if (!name) {
    fail(WSAEINVAL);
    return undefined;
  }
  return { ...name };
}

/**
 * The name of the peer.
 *
 * @returns `undefined` with WSAENOTSOCK, or WSAENOTCONN.
 * @see "getpeername function (winsock.h)"
 */
export function getpeername(s: SOCKET): SOCKADDR | undefined {
  const socket = openSocket(s);
  if (!socket) return undefined;
  if (socket.stage === 'connected') {
    const address = socket.connection?.remoteAddress;
    const name = address ? toName(address) : socket.peerName;
    if (name) return { ...name };
  }
  fail(WSAENOTCONN);
  return undefined;
}
