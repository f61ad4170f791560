import { AF_INET, AF_INET6, AF_UNIX } from '../vocabulary/constants.js';
import type { Address } from '../provider/provider.js';
import {
  checkInteger,
  checkNumber,
  checkString,
  invalidArgType,
} from '../arguments.js';

/**
 * An end of a connection, as a socket's name.
 *
 * @see "SOCKADDR structure (winsock2.h)", "sockaddr_un" for AF_UNIX
 */
export interface SOCKADDR {
  /** AF_INET, AF_INET6 or AF_UNIX. */
  family: number;
  /** A numeric address; for AF_UNIX a path ('' for an end without one). */
  address: string;
  /** In host byte order; 0 for AF_UNIX. */
  port: number;
}

export function checkName(value: SOCKADDR, name: string): void {
  if (typeof value !== 'object' || value === null) {
    throw invalidArgType(name, 'a SOCKADDR ({ family, address, port })', value);
  }
  checkNumber(value.family, `${name}.family`);
  checkString(value.address, `${name}.address`);
  checkInteger(value.port, `${name}.port`, 0, 65_535);
}

const familyOf = {
  IPv4: AF_INET,
  IPv6: AF_INET6,
  unix: AF_UNIX,
} as const;

export function toName({ family, address, port }: Address): SOCKADDR {
  return { family: familyOf[family], address, port };
}

/** Fills the name given to accept. */
export function copyName(to: SOCKADDR, from: SOCKADDR): void {
  to.family = from.family;
  to.address = from.address;
  to.port = from.port;
}

export function isAnyAddress(address: string): boolean {
  return address === '' || address === '0.0.0.0' || address === '::';
}
