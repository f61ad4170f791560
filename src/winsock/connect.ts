import type { ConnectionOptions } from 'node:tls';
import { checkQos } from '../arguments.js';
import { AF_INET, AF_UNIX } from '../vocabulary/constants.js';
import {
  WSAEADDRNOTAVAIL,
  WSAEAFNOSUPPORT,
  WSAEALREADY,
  WSAEINVAL,
  WSAEISCONN,
  WSAEWOULDBLOCK,
  type Status,
} from '../vocabulary/error-codes.js';
import type { Qos } from '../vocabulary/qos.js';
import type { ConnectTarget } from '../provider/provider.js';
import { checkBuffer, checkOctets, type WSABUF } from './buffers.js';
import { fail } from './last-error.js';
import { checkName, isAnyAddress, type SOCKADDR } from './sockaddr.js';
import { openSocket, type SocketHandle } from './socket-handle.js';
import type { SOCKET } from './socket.js';

/**
 * Starts to connect: every socket is non-blocking, so that it returns
 * SOCKET_ERROR with WSAEWOULDBLOCK, and FD_CONNECT reports the outcome.
 * FD_CONNECT with 0 means that the callee has accepted, and that its data has
 * come.
 *
 * After a failed attempt the socket may try again.
 *
 * @param name the target: numeric, or (an extension) a host's name, or a path.
 * @param callerData for the callee's condition function: at most 65,535 octets,
 *  and at most the callee's limit (4,096 by default). Empty means no data. It
 *  is copied.
 * @param calleeData gets the callee's answer at FD_CONNECT, and not before:
 *  `len` is the buffer's size on the way in, and on the way out the length, 0 for
 *  no data. After a refusal it holds the reject data (an extension). The buffer
 *  stays in use until FD_CONNECT. Its size counts up to the socket's
 *  `userDataLimit`; a callee that answers with more fails at its own side.
 * @param sqos the requested quality of service; updated at FD_CONNECT.
 * @param gqos reserved: must be null.
 * @returns SOCKET_ERROR with WSAEWOULDBLOCK, or WSAENOTSOCK; WSAEALREADY (a
 *  connect is under way); WSAEISCONN; WSAEINVAL (the socket listens, or `gqos`
 *  is given); WSAEFAULT (too much caller data); WSAEAFNOSUPPORT (a name of
 *  another family); WSAEADDRNOTAVAIL (no address to connect to); WSAEOPNOTSUPP
 *  (`sqos` cannot be granted). FD_CONNECT's code: 0; WSAECONNREFUSED (nobody
 *  listens, or CF_REJECT); WSAETIMEDOUT; WSAEFAULT (more caller data than the
 *  callee takes); WSAEPROTOTYPE (the callee's socket type is another);
 *  WSAEPROTONOSUPPORT (the peer speaks no framing); WSAEADDRINUSE,
 *  WSAENETUNREACH, WSAEHOSTUNREACH, … from the system.
 * @see "WSAConnect function (winsock2.h)"
 */
export function WSAConnect(
  s: SOCKET,
  name: SOCKADDR,
  callerData?: Uint8Array | null,
  calleeData?: WSABUF | null,
  sqos?: Qos | null,
  gqos?: null,
): number {
  checkName(name, 'name');
  if (callerData) checkOctets(callerData, 'callerData');
  if (calleeData) checkBuffer(calleeData, 'calleeData');
  if (sqos) checkQos(sqos, 'sqos');
  const socket = openSocket(s);
  if (!socket) return -1;
  if (gqos !== undefined && gqos !== null) return fail(WSAEINVAL);
  switch (socket.stage) {
    case 'listening':
      return fail(WSAEINVAL);
    case 'connecting':
      return fail(WSAEALREADY);
    case 'connected':
      return fail(WSAEISCONN);
    case 'unconnected':
  }
  const target = targetOf(socket, name);
  return typeof target === 'number'
    ? fail(target)
    : start(socket, target, name, callerData, calleeData, sqos);
}

/**
 * WSAConnect without its extras; SO_CONNDATA is still sent.
 *
 * @see "connect function (winsock2.h)"
 */
export function connect(s: SOCKET, name: SOCKADDR): number {
  return WSAConnect(s, name);
}

function start(
  socket: SocketHandle,
  target: ConnectTarget,
  name: SOCKADDR,
  callerData: Uint8Array | null | undefined,
  calleeData: WSABUF | null | undefined,
  sqos: Qos | null | undefined,
): number {
  const { userData, traits } = socket;
  const room = calleeData
    ? calleeData.len
    : Math.max(
        userData?.connectDataLength ?? 0,
        userData?.connectOptionsLength ?? 0,
      );
  const data = callerData?.length ? callerData : userData?.connectData;
  // Set first: an immediate failure is reported before connect returns.
  socket.stage = 'connecting';
  socket.pendingConnect = {
    calleeData: calleeData ?? undefined,
    room: calleeData?.buf,
    sqos: sqos ?? undefined,
  };
  socket.events.renewConnect();
  const status = socket.openConnection().connect(target, {
    callerData: data && new Uint8Array(data),
    callerOptions: userData?.connectOptions,
    calleeDataLimit: Math.min(room, traits.options.userDataLimit),
    sqos: sqos ?? undefined,
  });
  if (status !== WSAEWOULDBLOCK) {
    socket.stage = 'unconnected';
    socket.pendingConnect = undefined;
  } else if (name.family === AF_UNIX) {
    socket.peerName = { ...name };
    socket.localName = socket.boundName ?? { ...name, address: '' };
  }
  return fail(status);
}

function targetOf(
  { traits, boundName }: SocketHandle,
  { family, address, port }: SOCKADDR,
): ConnectTarget | Status {
  if (family !== traits.protocol.addressFamily) return WSAEAFNOSUPPORT;
  const tls = traits.tls as ConnectionOptions | undefined;
  if (family === AF_UNIX) {
    return address === '' ? WSAEADDRNOTAVAIL : { path: address, tls };
  }
  if (isAnyAddress(address) || port === 0) return WSAEADDRNOTAVAIL;
  const target: ConnectTarget = {
    host: address,
    port,
    family: family === AF_INET ? 4 : 6,
    tls,
  };
  if (boundName) {
    target.localAddress = boundName.address;
    if (boundName.port !== 0) target.localPort = boundName.port;
  }
  return target;
}
