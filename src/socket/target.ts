import dns from 'node:dns';
import { getDefaultAutoSelectFamily, isIP, type BlockList } from 'node:net';
import { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import {
  checkBlockList,
  checkBoolean,
  checkFunction,
  checkInteger,
  checkNumber,
  checkObject,
  checkPath,
  checkPort,
  checkString,
  invalidArgType,
  invalidArgValue,
  isThere,
  invalidIpAddress,
  ipBlocked,
  missingArgs,
} from '../arguments.js';
import { isListed } from '../address-list.js';
import type { ConnectTarget, Lookup, TcpTarget } from '../provider/provider.js';

/**
 * The target of `connect`'s options, checked as `node:net` checks them.
 *
 * @param ofSocket the constructor's `tls`: a connection that should be
 *  encrypted must not be in clear because the option was given there.
 */
export function targetOf(
  options: Record<string, unknown>,
  ofSocket?: unknown,
): ConnectTarget {
  const { path, port, stream } = options;
  const tls = tlsOf(options['tls']) ?? tlsOf(ofSocket);
  if (isThere(stream)) {
    checkStream(stream, 'options.stream');
    return { stream, tls };
  }
  if (port === undefined && (path === undefined || path === null)) {
    throw missingArgs();
  }
  if (path) {
    checkPath(path, 'options.path');
    return { path, tls };
  }
  return tcpTargetOf(options, tls);
}

function tlsOf(tls: unknown): ConnectionOptions | undefined {
  if (!isThere(tls)) return undefined;
  checkObject(tls, 'options.tls');
  return tls;
}

/** @throws {TypeError} it is not a Duplex, or not one for octets. */
export function checkStream(
  value: unknown,
  name: string,
): asserts value is Duplex {
  if (!isDuplex(value)) {
    throw invalidArgType(name, 'an instance of Duplex', value);
  }
  if (value.readableObjectMode || value.writableObjectMode) {
    throw invalidArgValue(name, value, 'must carry octets, not objects');
  }
  if (value.readableEncoding) {
    throw invalidArgValue(
      name,
      value,
      `must give octets, not strings: it has the encoding ${value.readableEncoding}`,
    );
  }
  if (value.listenerCount('readable') > 0) {
    throw invalidArgValue(
      name,
      value,
      "must have no listener for 'readable': nobody else may read it",
    );
  }
}

/** Node's, or one of another library, which has the same methods. */
function isDuplex(value: unknown): value is Duplex {
  return (
    value instanceof Duplex ||
    (typeof value === 'object' &&
      value !== null &&
      [
        'on',
        'write',
        'end',
        'pause',
        'resume',
        'destroy',
        'listenerCount',
      ].every(
        (method) =>
          typeof (value as Record<string, unknown>)[method] === 'function',
      ))
  );
}

function tcpTargetOf(
  options: Record<string, unknown>,
  tls: ConnectionOptions | undefined,
): TcpTarget {
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
    tls,
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
  if (localAddress) target.localAddress = localAddress as string;
  // As the system does for `net`.
  if (localPort) target.localPort = Number(localPort) & 0xffff;
  if (isThere(blockList)) {
    checkBlockList(blockList, 'options.blockList');
    target.lookup = lookupUnlessBlocked(
      blockList,
      (lookup as Lookup | undefined) ?? dns.lookup,
    );
  }
  return target;
}

const passedOn = [
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

/** The reason not to connect to a host that needs no lookup. */
export function blockedBy(
  blockList: unknown,
  target: ConnectTarget,
): Error | undefined {
  if (!isThere(blockList) || !('host' in target)) return undefined;
  const { host = '' } = target;
  return isListed(blockList as BlockList, host) ? ipBlocked(host) : undefined;
}

/** A name's addresses that are blocked are not tried. */
function lookupUnlessBlocked(blockList: BlockList, lookup: Lookup): Lookup {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      if (error) {
        callback(error, address, family);
      } else if (typeof address === 'string') {
        const blocked = isListed(blockList, address);
        callback(blocked ? ipBlocked(address) : null, address, family);
      } else {
        const allowed = address.filter((a) => !isListed(blockList, a.address));
        const none = allowed.length === 0 && address.length > 0;
        callback(none ? ipBlocked(address[0]!.address) : null, allowed);
      }
    });
  };
}

function isGiven(value: unknown): value is {} {
  return value !== undefined && value !== null;
}
