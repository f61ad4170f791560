import { isIPv6 } from 'node:net';

/** Groups of an IPv6 address's network: a caller may have all of a /64. */
const NETWORK = 4;

/**
 * The part of an address that one caller may have: a whole IPv4 address, also if it
 * is mapped into IPv6, or the /64 of an IPv6 address.
 */
export function shareOf(address: string): string {
  if (!isIPv6(address)) return address;
  const { hostname } = new URL(`http://[${address.replace(/%.*/, '')}]`);
  const [front = '', back] = hostname.slice(1, -1).split('::');
  const groups = front === '' ? [] : front.split(':');
  if (back !== undefined) {
    const rear = back === '' ? [] : back.split(':');
    while (groups.length + rear.length < 8) groups.push('0');
    groups.push(...rear);
  }
  if (
    groups.slice(0, 5).every((group) => group === '0') &&
    groups[5] === 'ffff'
  ) {
    return mappedOf(groups[6]!, groups[7]!);
  }
  return `${groups.slice(0, NETWORK).join(':')}::/64`;
}

function mappedOf(high: string, low: string): string {
  const octets = [high, low].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >>> 8, value & 0xff];
  });
  return octets.join('.');
}
