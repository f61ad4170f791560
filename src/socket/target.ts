import dns from 'node:dns';
import { getDefaultAutoSelectFamily, isIP, type BlockList } from 'node:net';
import { Duplex } from 'node:stream';
import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkNumber,
  checkObject,
  checkPort,
  checkString,
  invalidArgType,
  invalidIpAddress,
  ipBlocked,
  missingArgs,
} from '../arguments.js';
import type { ConnectTarget, Lookup, TcpTarget } from '../provider/provider.js';

/** Where `connect`'s options lead, checked as `node:net` checks them. */
export function targetOf(options: Record<string, unknown>): ConnectTarget {
  const { path, port, stream, tls } = options;
  if (stream !== undefined) {
    if (!(stream instanceof Duplex)) {
      throw invalidArgType('options.stream', 'an instance of Duplex', stream);
    }
    return { stream };
  }
  if (port === undefined && (path === undefined || path === null)) {
    throw missingArgs();
  }
  if (tls !== undefined) checkObject(tls, 'options.tls');
  if (path) {
    checkString(path, 'options.path');
    return { path, tls };
  }
  return tcpTargetOf(options);
}

function tcpTargetOf(options: Record<string, unknown>): TcpTarget {
  const { port, localAddress, localPort, lookup, blockList } = options;
  const { autoSelectFamily, autoSelectFamilyAttemptTimeout } = options;
  const host = options['host'] || 'localhost';
  checkString(host, 'options.host');
  if (
    localAddress &&
    !(typeof localAddress === 'string' && isIP(localAddress))
  ) {
    throw invalidIpAddress(localAddress);
  }
  if (localPort) checkNumber(localPort, 'options.localPort');
  if (typeof port !== 'number' && typeof port !== 'string') {
    throw invalidArgType('options.port', 'one of type number or string', port);
  }
  const target: TcpTarget = {
    host,
    port: checkPort(port, 'Port'),
  };
  if (isGiven(autoSelectFamily)) {
    checkBoolean(autoSelectFamily, 'options.autoSelectFamily');
  }
  if (isGiven(autoSelectFamilyAttemptTimeout)) {
    checkInteger(
      autoSelectFamilyAttemptTimeout,
      'options.autoSelectFamilyAttemptTimeout',
      1,
      2 ** 31 - 1,
    );
  }
  if (isGiven(lookup)) checkFunction(lookup, 'options.lookup');
  for (const key of passedOn) {
    if (isGiven(options[key])) Object.assign(target, { [key]: options[key] });
  }
  if (isGiven(blockList)) {
    target.lookup = lookupUnlessBlocked(
      blockList as BlockList,
      (lookup as Lookup | undefined) ?? dns.lookup,
    );
  }
  return target;
}

const passedOn = [
  'tls',
  'localAddress',
  'localPort',
  'family',
  'hints',
  'lookup',
  'autoSelectFamily',
  'autoSelectFamilyAttemptTimeout',
];

/** Whether Node tries the addresses of both families, one after the other. */
export function triesFamilies(target: ConnectTarget): boolean {
  if (!('host' in target)) return false;
  const { host = '', family, localAddress, autoSelectFamily } = target;
  return (
    (autoSelectFamily ?? getDefaultAutoSelectFamily()) &&
    family !== 4 &&
    family !== 6 &&
    !localAddress &&
    isIP(host) === 0
  );
}

/** Why a host that needs no lookup must not be connected to. */
export function blockedBy(
  blockList: unknown,
  target: ConnectTarget,
): Error | undefined {
  if (!isGiven(blockList) || !('host' in target)) return undefined;
  const { host = '' } = target;
  return isBlocked(blockList as BlockList, host) ? ipBlocked(host) : undefined;
}

export function isBlocked(blockList: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && blockList.check(address, `ipv${version as 4 | 6}`);
}

/** A name's addresses that are blocked are not tried. */
function lookupUnlessBlocked(blockList: BlockList, lookup: Lookup): Lookup {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      if (error) {
        callback(error, address, family);
      } else if (typeof address === 'string') {
        const blocked = isBlocked(blockList, address);
        callback(blocked ? ipBlocked(address) : null, address, family);
      } else {
        const allowed = address.filter((a) => !isBlocked(blockList, a.address));
        const none = allowed.length === 0 && address.length > 0;
        callback(none ? ipBlocked(address[0]!.address) : null, allowed);
      }
    });
  };
}

function isGiven(value: unknown): value is {} {
  return value !== undefined && value !== null;
}
