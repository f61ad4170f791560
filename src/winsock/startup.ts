import { checkInteger } from '../arguments.js';
import {
  WSANOTINITIALISED,
  WSAVERNOTSUPPORTED,
  type Status,
} from '../vocabulary/error-codes.js';
import { fail } from './last-error.js';

/**
 * Filled by WSAStartup.
 *
 * @see "WSADATA structure (winsock.h)"
 */
export interface WSADATA {
  /** The version in use; the low octet is the major version. */
  version: number;
  /** The highest supported version. */
  highVersion: number;
  description: string;
}

/** Version 2.2. */
const HIGHEST = 0x0202;

let count = 0;

/**
 * Only counts: nothing has to be started, and no other call requires it. It
 * lets programs ported from C keep their lines.
 *
 * @param version the highest that the program supports: 0x0202 for 2.2.
 * @param data is filled.
 * @returns 0, or (not by WSAGetLastError) WSAVERNOTSUPPORTED below 1.0.
 * @see "WSAStartup function (winsock.h)"
 */
export function WSAStartup(version: number, data?: WSADATA | null): Status {
  checkInteger(version, 'version', 0, 0xffff);
  if ((version & 0xff) === 0) return WSAVERNOTSUPPORTED;
  count++;
  if (data) {
    const isLower = comparable(version) < comparable(HIGHEST);
    data.version = isLower ? version : HIGHEST;
    data.highVersion = HIGHEST;
    data.description = 'goodbyte';
  }
  return 0;
}

function comparable(version: number): number {
  return ((version & 0xff) << 8) | (version >> 8);
}

/**
 * Undoes one WSAStartup: only counts, and does not affect sockets.
 *
 * @returns 0, or SOCKET_ERROR with WSANOTINITIALISED: more often than
 *  WSAStartup was called.
 * @see "WSACleanup function (winsock.h)"
 */
export function WSACleanup(): number {
  if (count === 0) return fail(WSANOTINITIALISED);
  count--;
  return 0;
}
