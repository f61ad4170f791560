import { isIP, type BlockList } from 'node:net';

/** Whether one of `net`'s lists holds an address. */
export function isListed(list: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && list.check(address, `ipv${version as 4 | 6}`);
}
