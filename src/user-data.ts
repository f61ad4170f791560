import { types } from 'node:util';
import { asBuffer } from './errors.js';
import { invalidArgType } from './arguments.js';

/** User data as given: for connect, accept, reject or disconnect. */
export type UserData = string | Uint8Array;

/** Octets of user data that the most generous peer takes. */
export const MOST_USER_DATA = 0xffff;

/**
 * The octets of user data; a string's are its UTF-8. Empty equals none
 * (contract row 1).
 */
export function octetsOf(data: unknown, name: string): Uint8Array | undefined {
  if (data === undefined || data === null) return undefined;
  if (typeof data === 'string') {
    return data === '' ? undefined : Buffer.from(data);
  }
  if (types.isUint8Array(data)) {
    // A copy: it may be sent after the caller has reused its own.
    return data.length === 0 ? undefined : Buffer.from(data);
  }
  throw invalidArgType(
    name,
    'of type string or an instance of Uint8Array',
    data,
  );
}

/** A copy of our own user data, for an application that may change it. */
export function copyOfUserData(
  octets: Uint8Array | undefined,
): Buffer | undefined {
  return octets?.length ? Buffer.from(octets) : undefined;
}

/** User data as the application receives it. */
export function userData(octets: Uint8Array | undefined): Buffer | undefined {
  return octets?.length ? asBuffer(octets) : undefined;
}
