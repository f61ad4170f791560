import {
  WSAECONNREFUSED,
  WSAECONNRESET,
  WSAEPROTOTYPE,
  WSAETIMEDOUT,
  statusOfNodeError,
} from '../../vocabulary/error-codes.js';
import type { Address, Failure, SocketOptions } from '../provider.js';
import type { Fields } from './fields.js';

/** For a failure without more detail. */
export const resetByPeer: Failure = { status: WSAECONNRESET };

/** The peer has sent RESET. */
export function failureOfReset({ reason, code }: Fields): Failure {
  return {
    status: WSAECONNRESET,
    // Without a reason it uses net's words.
    detail: reason ? `the peer reset the connection: ${reason}` : undefined,
    resetCode: code,
  };
}

/**
 * The medium is broken.
 *
 * @param isUnanswered the callee has sent nothing.
 */
export function failureOfLoss(
  cause: Error | undefined,
  isUnanswered: boolean,
): Failure {
  const status = cause ? statusOfNodeError(cause) : WSAECONNRESET;
  if (!isUnanswered || status !== WSAECONNRESET) {
    return { status, detail: undefined, cause };
  }
  return {
    status: WSAECONNREFUSED,
    detail: 'the connection was reset before the callee answered',
    cause: undefined,
  };
}

/**
 * A connection that ends before its callee has sent anything was refused by
 * something: a full listener, a proxy without a server behind it.
 */
export const unanswered: Failure = {
  status: WSAECONNREFUSED,
  detail: 'the connection was closed before the callee answered',
};

export const connectedToItself: Failure = {
  status: WSAECONNREFUSED,
  detail: 'nobody listens there: the system connected the socket to itself',
};

/**
 * TCP lets a socket connect to itself (RFC 9293 §3.5, simultaneous open): the
 * system may give a caller the very port that it calls.
 */
export function isSelf(
  own: Address | undefined,
  other: Address | undefined,
): boolean {
  return (
    own !== undefined &&
    own.family !== 'unix' &&
    own.address === other?.address &&
    own.port === other.port
  );
}

export function failureOfSocketType(
  callers: number | undefined,
  { socketType }: Readonly<SocketOptions>,
): Failure {
  return {
    status: WSAEPROTOTYPE,
    detail: `the caller's socket type is ${callers}, the callee's ${socketType}`,
  };
}

export function failureOfSilence({
  idleTimeout,
}: Readonly<SocketOptions>): Failure {
  return {
    status: WSAETIMEDOUT,
    detail: `the peer sent nothing for ${idleTimeout} ms`,
  };
}
