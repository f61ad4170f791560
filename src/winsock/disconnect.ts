import { SD_BOTH, SD_RECEIVE, SD_SEND } from '../vocabulary/constants.js';
import {
  WSAEINVAL,
  WSAENOTCONN,
  WSAENOTSOCK,
  type Status,
} from '../vocabulary/error-codes.js';
import { checkBuffer, checkOctets, type WSABUF } from './buffers.js';
import { fail, outcome } from './last-error.js';
import { openSocket, type SocketHandle } from './socket-handle.js';
import type { SOCKET } from './socket.js';

/**
 * Sends the last word, with data, after all sent data; sending ends, receiving
 * goes on. It never blocks.
 *
 * @param data at most the peer's limit (by default 4,096 octets). Empty means
 *  no data. If absent, the SO_DISCDATA of `s`.
 * @returns 0 (also for a second call without data, which sends nothing), or
 *  SOCKET_ERROR with WSAENOTSOCK; WSAENOTCONN; WSAEMSGSIZE (too long: nothing
 *  is sent, the connection goes on); WSAESHUTDOWN (with data, and a last word
 *  has been sent); WSAECONNRESET; WSAENOPROTOOPT (with data, and the peer is
 *  plain).
 * @see "WSASendDisconnect function (winsock2.h)"
 */
export function WSASendDisconnect(s: SOCKET, data?: Uint8Array | null): number {
  if (data) checkOctets(data, 'data');
  const socket = openSocket(s);
  return socket ? outcome(sendDisconnect(socket, data ?? undefined)) : -1;
}

function sendDisconnect(
  socket: SocketHandle,
  data: Uint8Array | undefined,
): Status {
  const { connection, stage } = socket;
  if (!connection || stage !== 'connected') return WSAENOTCONN;
  const word = data?.length ? data : socket.userData?.disconnectData;
  const status = connection.sendDisconnect(word);
  if (status === 0) {
    socket.hasSentDisconnect = true;
    if (socket.userData) socket.userData.disconnectData = undefined;
  }
  return status;
}

/**
 * Reads the peer's last word. To be called after a close indication (FD_CLOSE,
 * WSARecv's 0, WSAEDISCON or WSAECONNRESET); before, it returns at once and
 * loses nothing. It may be called again, and gives the same.
 *
 * @param buffer `len`: the size on the way in, on the way out the length, 0 if
 *  the peer has sent no data. Without a buffer the data is not read.
 * @returns 0, or SOCKET_ERROR with WSAENOTSOCK; WSAENOTCONN; WSAEWOULDBLOCK
 *  (the peer has not said its last word, or data before it is unread);
 *  WSAEFAULT (too small: `len` is the required size, and the data is
 *  kept).
 * @see "WSARecvDisconnect function (winsock2.h)"
 */
export function WSARecvDisconnect(s: SOCKET, buffer?: WSABUF | null): number {
  if (buffer) checkBuffer(buffer, 'buffer');
  const socket = openSocket(s);
  if (!socket) return -1;
  const inbox = socket.connection?.inbox;
  if (!inbox) return fail(WSAENOTCONN);
  if (!buffer) {
    const found = inbox.receiveDisconnect(Number.POSITIVE_INFINITY);
    return typeof found === 'number' ? fail(found) : 0;
  }
  const room = buffer.len;
  const found = inbox.receiveDisconnect(room);
  if (typeof found !== 'number') {
    if (found) buffer.buf.set(found);
    buffer.len = found?.length ?? 0;
    return 0;
  }
  const needed = inbox.disconnectDataLength;
  if (needed > room) buffer.len = needed;
  return fail(found);
}

/**
 * Ends one direction, or both.
 *
 * @param how SD_SEND: as WSASendDisconnect without data (SO_DISCDATA is sent),
 *  and FIN follows at once; SD_RECEIVE: received and later data is dropped, and
 *  WSARecv fails with WSAESHUTDOWN; SD_BOTH.
 * @returns 0, or SOCKET_ERROR with WSAENOTSOCK, WSAENOTCONN, WSAEINVAL (invalid
 *  `how`), WSAECONNRESET.
 * @see "shutdown function (winsock2.h)"
 */
export function shutdown(s: SOCKET, how: number): number {
  const socket = openSocket(s);
  if (!socket) return -1;
  if (how !== SD_SEND && how !== SD_RECEIVE && how !== SD_BOTH) {
    return fail(WSAEINVAL);
  }
  const { connection } = socket;
  if (!connection) return fail(WSAENOTCONN);
  let status: Status = 0;
  if (how !== SD_SEND) status = connection.inbox.shutdownReceive();
  if (status === 0 && how !== SD_RECEIVE) {
    status = sendDisconnect(socket, undefined);
    if (status === 0) status = connection.shutdownSend();
  }
  return outcome(status);
}

/**
 * Closes a socket at once. Sent data and the last word still reach the peer in
 * the background (contract row 11), depending on SO_LINGER: off, until the peer
 * is done or `lingerTimeout` passes without progress; on/n, at most n seconds;
 * on/0, the connection is reset and sent data may be lost.
 *
 * SO_DISCDATA is sent if no last word has been and the peer accepts that much;
 * on a listening socket, to the waiting callers, who are refused now. No event
 * of the socket is recorded from now on.
 *
 * @returns 0, or SOCKET_ERROR with WSAENOTSOCK.
 * @see "closesocket function (winsock2.h)"
 */
export function closesocket(s: SOCKET): number {
  const socket = openSocket(s);
  if (!socket) return -1;
  const { linger, connection } = socket;
  const seconds = linger.onoff === 0 ? undefined : linger.linger;
  const code = seconds === 0 ? connection?.disconnectExtras?.code : undefined;
  const word = socket.userData?.disconnectData;
  if (word && seconds !== 0) sendDisconnect(socket, undefined);
  socket.close(seconds, code, word);
  socket.pendingListen?.(WSAENOTSOCK);
  return 0;
}
