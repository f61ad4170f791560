import { checkBoolean, checkInteger, invalidArgType } from '../arguments.js';
import type { ProtocolInfo } from '../vocabulary/protocol-info.js';
import { checkOctets } from './buffers.js';

/** SO_LINGER. */
export interface Linger {
  onoff: number;
  linger: number;
}

/** Types of option values: numbers, flags, octets, SO_LINGER's. */
export type SocketOptionValue =
  number | boolean | Uint8Array | Linger | ProtocolInfo;

export const NOTHING = new Uint8Array(0);

/** A BOOL: C programs have numbers for it. */
export function flag(value: unknown): boolean {
  if (typeof value === 'number') return value !== 0;
  checkBoolean(value, 'value');
  return value === true;
}

export function checkLinger(value: unknown): Linger {
  const linger = value as Linger | null;
  if (typeof linger !== 'object' || linger === null) {
    throw invalidArgType('value', 'a LINGER ({ onoff, linger })', value);
  }
  checkInteger(linger.onoff, 'value.onoff', 0, 0xffff);
  checkInteger(linger.linger, 'value.linger', 0, 0xffff);
  return linger;
}

/** A copy; `undefined` for empty data. */
export function userData(value: unknown): Uint8Array | undefined {
  checkOctets(value, 'value');
  const octets = value as Uint8Array;
  return octets.length > 0 ? new Uint8Array(octets) : undefined;
}
