import { types } from 'node:util';
import { checkInteger, invalidArgType } from '../arguments.js';

/**
 * A buffer and how much of it counts: on the way in the octets that may be
 * written, on the way out those that were.
 *
 * @see "WSABUF structure (ws2def.h)"
 */
export interface WSABUF {
  buf: Uint8Array;
  /** Octets; never more than `buf.length`. */
  len: number;
}

export function checkBuffer(value: WSABUF, name: string): void {
  if (typeof value !== 'object' || value === null) {
    throw invalidArgType(name, 'a WSABUF ({ buf, len })', value);
  }
  checkOctets(value.buf, `${name}.buf`);
  checkInteger(value.len, `${name}.len`, 0, value.buf.length);
}

export function checkOctets(value: unknown, name: string): void {
  if (!types.isUint8Array(value)) {
    throw invalidArgType(name, 'an instance of Uint8Array', value);
  }
}

/** The octets of one buffer, or of several together. */
export function lengthOf(
  buffers: Uint8Array | readonly Uint8Array[],
  name: string,
): number {
  if (types.isUint8Array(buffers)) return buffers.length;
  if (!Array.isArray(buffers)) {
    throw invalidArgType(name, 'a Uint8Array or an array of them', buffers);
  }
  let length = 0;
  for (const buffer of buffers as readonly Uint8Array[]) {
    checkOctets(buffer, name);
    length += buffer.length;
  }
  return length;
}
