import { isIPv4, isIPv6 } from 'node:net';
import type { Family } from '../scenario/types.js';

/** The addresses that an agent listens on; it declares only these families. */
export type Hosts = Partial<Record<Family, string>>;

/** Also Unix sockets, which have paths of their own. */
export const loopback: Hosts = { IPv4: '127.0.0.1', IPv6: '::1', unix: '' };

/**
 * Parses GOODBYTE_AGENT_HOST: an address, or one of each family separated by a
 * comma. Without it, the loopback addresses.
 *
 * @throws {RangeError} it is malformed.
 */
export function hostsOf(text = ''): Hosts {
  if (text === '') return loopback;
  const hosts: Hosts = {};
  for (const address of text.split(',')) {
    const family = familyOf(address);
    if (!family || hosts[family] !== undefined || isUnspecified(address)) {
      throw new RangeError(
        'GOODBYTE_AGENT_HOST takes an address that others can connect to, ' +
          `or an IPv4 and an IPv6 one with a comma between them, not "${text}"`,
      );
    }
    hosts[family] = address;
  }
  return hosts;
}

function familyOf(address: string): 'IPv4' | 'IPv6' | undefined {
  if (isIPv4(address)) return 'IPv4';
  return isIPv6(address) ? 'IPv6' : undefined;
}

/** The other agent gets the address, and cannot connect to this one. */
function isUnspecified(address: string): boolean {
  return /^[0:.]+$/.test(address);
}
