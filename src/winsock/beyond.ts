import type { Status } from '../vocabulary/error-codes.js';
import { WSAENOPROTOOPT, WSAENOTCONN } from '../vocabulary/error-codes.js';
import type { ConnectionOwner } from '../provider/provider.js';
import { outcome } from './last-error.js';
import { openSocket } from './socket-handle.js';
import type { SOCKET } from './socket.js';

// Codes and notices belong to framing; Winsock has no calls for them. These are
// not exported: the suite's agent calls them to test their behaviour.

/** 32-bit numbers received beside user data; absent if none was received. */
export interface ReceivedCodes {
  /** With the peer's last word. */
  readonly disconnect: number | undefined;
  /** With the callee's refusal. */
  readonly reject: number | undefined;
  /** With the peer's RESET. */
  readonly reset: number | undefined;
  /** The refusal's hint. */
  readonly mayRepeat: boolean | undefined;
}

const noCodes: ReceivedCodes = {
  disconnect: undefined,
  reject: undefined,
  reset: undefined,
  mayRepeat: undefined,
};

/**
 * The number to send with this side's last word, or its RESET.
 *
 * @returns 0, or SOCKET_ERROR with WSAENOTSOCK; WSAENOTCONN; WSAENOPROTOOPT (the
 *  connection carries none).
 */
export function setCode(s: SOCKET, code: number): number {
  const socket = openSocket(s);
  if (!socket) return -1;
  const { connection, stage } = socket;
  let status: Status = 0;
  if (!connection || stage !== 'connected') status = WSAENOTCONN;
  else if (!connection.carriesCodes) status = WSAENOPROTOOPT;
  else connection.disconnectExtras = { ...connection.disconnectExtras, code };
  return outcome(status);
}

/** A closed socket has none. */
export function receivedCodes(s: SOCKET): ReceivedCodes {
  const connection = openSocket(s)?.connection;
  if (!connection) return noCodes;
  const { failure, receivedExtras } = connection;
  return {
    disconnect: receivedExtras?.code,
    reject: failure?.rejectCode,
    reset: failure?.resetCode,
    mayRepeat: failure?.mayRepeat,
  };
}

/**
 * Tells the peer that the last word will come soon.
 *
 * @returns 0, or SOCKET_ERROR with WSAENOTSOCK; WSAENOTCONN; WSAESHUTDOWN (it
 *  has been said); WSAEMSGSIZE; WSAECONNRESET; WSAENOPROTOOPT.
 */
export function sendNotice(
  s: SOCKET,
  data: Uint8Array | undefined,
  code: number | undefined,
): number {
  const socket = openSocket(s);
  if (!socket) return -1;
  return outcome(
    socket.connection && socket.stage === 'connected'
      ? socket.connection.sendNotice(data, code)
      : WSAENOTCONN,
  );
}

/** @param noticed is called with each notice that the peer sends. */
export function selectNotices(
  s: SOCKET,
  noticed: ConnectionOwner['onNotice'],
): void {
  const socket = openSocket(s);
  if (socket) socket.noticed = noticed;
}
