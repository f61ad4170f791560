import { SOCKET_ERROR } from '../vocabulary/constants.js';
import type { Status } from '../vocabulary/error-codes.js';

let lastError: Status = 0;

/**
 * The error of this thread's last failed call; successful calls leave it
 * unchanged. Each worker thread has its own.
 *
 * @returns a `WSA*` number, or 0.
 * @see "WSAGetLastError function (winsock2.h)"
 */
export function WSAGetLastError(): Status {
  return lastError;
}

/**
 * Sets what {@link WSAGetLastError} returns.
 *
 * @see "WSASetLastError function (winsock2.h)"
 */
export function WSASetLastError(error: Status): void {
  lastError = error;
}

/** Sets the last error, and returns the call's result. */
export function fail(error: Status): typeof SOCKET_ERROR {
  lastError = error;
  return SOCKET_ERROR;
}

/** The return value of a call, from a status of the seam. */
export function outcome(status: Status): 0 | typeof SOCKET_ERROR {
  return status === 0 ? 0 : fail(status);
}
