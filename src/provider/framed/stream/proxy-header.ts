import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import type { Address } from '../../provider.js';
import { hexOf } from '../violation.js';

/** The two ends of a connection, as its proxy states them. */
export interface Ends {
  /** The proxy's caller. */
  remote: Address;
  /** The address at which the proxy was called. */
  local: Address;
}

/** The header in front of a connection through a proxy. */
export interface ProxyHeader {
  /** Its octets. */
  length: number;
  /**
   * `undefined`: the proxy connects for itself (a health check), or does not
   * know.
   */
  ends: Ends | undefined;
}

/** The octets are not a PROXY header; the message says why. */
export class ProxyHeaderError extends Error {}

/** Octets of version 1's longest line, with its end. */
const LONGEST_LINE = 107;
/** Octets of version 2, with TLVs; the protocol itself allows for 65,551. */
const LONGEST_BINARY = 4096;

const FIRST = Buffer.from('PROXY ', 'latin1');
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const FIXED_LENGTH = SIGNATURE.length + 4;

/**
 * Reads a header of the PROXY protocol, version 1 or 2 (haproxy,
 * doc/proxy-protocol.txt, §2.1 and §2.2). Its TLVs are skipped.
 *
 * @param octets everything received.
 * @returns `undefined` until the header is complete.
 * @throws {ProxyHeaderError} it is not a PROXY header.
 */
export function readProxyHeader(octets: Buffer): ProxyHeader | undefined {
  if (begins(octets, FIRST)) return readLine(octets);
  if (begins(octets, SIGNATURE)) return readBinary(octets);
  throw new ProxyHeaderError(
    `expected a PROXY header, but the first octets are ${hexOf(octets)}`,
  );
}

/** Whether `octets` begin with `signature`, as far as they go. */
function begins(octets: Buffer, signature: Buffer): boolean {
  const most = Math.min(octets.length, signature.length);
  return octets.compare(signature, 0, most, 0, most) === 0;
}

function readLine(octets: Buffer): ProxyHeader | undefined {
  const end = octets.subarray(0, LONGEST_LINE).indexOf('\r\n');
  if (end < 0) {
    if (octets.length < LONGEST_LINE) return undefined;
    throw new ProxyHeaderError(
      `a PROXY header of version 1 has at most ${LONGEST_LINE} octets`,
    );
  }
  const line = octets.toString('latin1', FIRST.length, end);
  const length = end + 2;
  const [protocol, source = '', destination = '', ...ports] = line.split(' ');
  if (protocol === 'UNKNOWN') return { length, ends: undefined };
  const family =
    protocol === 'TCP4' && isIPv4(source) && isIPv4(destination)
      ? 'IPv4'
      : protocol === 'TCP6' && isIPv6(source) && isIPv6(destination)
        ? 'IPv6'
        : undefined;
  if (!family || ports.length !== 2 || !ports.every(isPort)) {
    throw new ProxyHeaderError(
      `a PROXY header has wrong fields: ${hexOf(octets, length)}`,
    );
  }
  return {
    length,
    ends: {
      remote: addressOf(family, source, Number(ports[0])),
      local: addressOf(family, destination, Number(ports[1])),
    },
  };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 0xffff;
}

function readBinary(octets: Buffer): ProxyHeader | undefined {
  if (octets.length < FIXED_LENGTH) return undefined;
  const command = octets[12]!;
  const kind = octets[13]!;
  const length = FIXED_LENGTH + octets.readUInt16BE(14);
  if (command !== 0x20 && command !== 0x21) {
    throw new ProxyHeaderError(
      `expected version 2 and the command LOCAL or PROXY (20, 21), but got ${hexOf(octets.subarray(12, 13))}`,
    );
  }
  if (length > LONGEST_BINARY) {
    throw new ProxyHeaderError(
      `a PROXY header says that it has ${length} octets; at most 4,096 octets are taken`,
    );
  }
  if (octets.length < length) return undefined;
  const isLocal = command === 0x20;
  const told = octets.subarray(FIXED_LENGTH, length);
  return { length, ends: isLocal ? undefined : endsOf(kind, told) };
}

/** Octets of an address and a port, by family and transport. */
const families: Record<number, { length: number; read: typeof readIPv4 }> = {
  0x11: { length: 4, read: readIPv4 },
  0x21: { length: 16, read: readIPv6 },
  0x31: { length: 108, read: readPath },
};

function endsOf(kind: number, octets: Buffer): Ends | undefined {
  if (kind === 0) return undefined;
  const family = families[kind];
  if (!family) {
    throw new ProxyHeaderError(
      `a PROXY header tells of no stream: its family and transport are ${hexOf(Buffer.of(kind))}`,
    );
  }
  const { length, read } = family;
  const hasPorts = kind !== 0x31;
  if (octets.length < 2 * length + (hasPorts ? 4 : 0)) {
    throw new ProxyHeaderError(
      'a PROXY header is shorter than its addresses are',
    );
  }
  const port = (at: number) =>
    hasPorts ? octets.readUInt16BE(2 * length + at) : 0;
  return {
    remote: read(octets.subarray(0, length), port(0)),
    local: read(octets.subarray(length, 2 * length), port(2)),
  };
}

function readIPv4(octets: Buffer, port: number): Address {
  return addressOf('IPv4', octets.join('.'), port);
}

function readIPv6(octets: Buffer, port: number): Address {
  const groups = octets.toString('hex').match(/.{4}/g)!;
  return addressOf('IPv6', groups.join(':'), port);
}

function readPath(octets: Buffer): Address {
  const end = octets.indexOf(0);
  const address = octets.toString('utf8', 0, end < 0 ? octets.length : end);
  return { family: 'unix', address, port: 0 };
}

/** In the system's notation. */
function addressOf(
  family: 'IPv4' | 'IPv6',
  text: string,
  port: number,
): Address {
  const { address } = new SocketAddress({
    address: text,
    family: family === 'IPv4' ? 'ipv4' : 'ipv6',
  });
  return { family, address, port };
}
