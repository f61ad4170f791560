import {
  winsockErrorName,
  type Status,
  type WinsockErrorName,
} from '../vocabulary/error-codes.js';
import type { ListenerStatistics } from '../provider/provider.js';
import { toName, type SOCKADDR } from './sockaddr.js';
import { openSocket } from './socket-handle.js';
import type { SOCKET } from './socket.js';

/** The reason for a failure, beyond its number. */
export interface ExtendedError {
  readonly status: Status;
  readonly name: WinsockErrorName | undefined;
  /** A sentence for a person; the peer's octets are in hex. */
  readonly detail: string | undefined;
  /** The error that Node reported, if one did. */
  readonly cause: Error | undefined;
  /** The data of the callee's refusal. */
  readonly rejectData: Uint8Array | undefined;
  /** The caller of a handshake that failed at a listening socket. */
  readonly callerId: SOCKADDR | undefined;
}

/**
 * An extension: the failure of the connection, or of the last attempt at one;
 * for a listening socket, the failure of listen, or of the last handshake (by a
 * caller that speaks no framing, say).
 *
 * @returns `undefined` if nothing has failed, or with WSAENOTSOCK set.
 */
export function extendedError(s: SOCKET): ExtendedError | undefined {
  const socket = openSocket(s);
  const failure = socket?.connection?.failure ?? socket?.listenFailure;
  if (!failure) return undefined;
  const callerId = socket?.listenFailure?.callerId;
  return {
    status: failure.status,
    name: winsockErrorName(failure.status),
    detail: failure.detail ?? failure.cause?.message,
    cause: failure.cause,
    rejectData: failure.rejectData,
    callerId: callerId && toName(callerId),
  };
}

/**
 * An extension: counts of a listening socket's callers.
 *
 * @returns `undefined` if it does not listen, or with WSAENOTSOCK set.
 */
export function listenerStatistics(s: SOCKET): ListenerStatistics | undefined {
  return openSocket(s)?.listener?.statistics;
}
