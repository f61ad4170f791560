import {
  checkPath,
  checkPort,
  checkSignal,
  checkString,
  invalidArgValue,
  isThere,
} from '../arguments.js';
import { isBoundSocket } from '../bound-socket.js';
import { backlogOf, isPath, optionsAndCallback } from '../net-arguments.js';
import type { ListenOptions, ListenTarget } from '../provider/provider.js';
import type { CheckedOptions } from './check-options.js';

/** The target of a `listen`. */
export interface ListenCall {
  target: ListenTarget;
  callback: ((...args: unknown[]) => void) | undefined;
  signal: AbortSignal | undefined;
  /** A pipe's path, which `address()` returns. */
  path: string | undefined;
  /** As they were given. */
  options: object;
}

/** Reads `listen`'s overloads as `node:net` reads them, and checks them. */
export function listenCallOf(
  args: readonly unknown[],
  { tls, proxyProtocol }: Pick<CheckedOptions, 'tls' | 'proxyProtocol'>,
): ListenCall {
  const [given, callback] = optionsAndCallback(args);
  if (isThere(given['tls'])) {
    throw invalidArgValue(
      'options.tls',
      given['tls'],
      'is an option of createServer, not of listen',
    );
  }
  const handle = handleOf(given);
  const signal = given['signal'] as AbortSignal | undefined;
  if (signal !== undefined && !handle) checkSignal(signal, 'options.signal');
  const call = (target: ListenTarget, path?: string): ListenCall => ({
    target,
    callback,
    signal,
    path,
    options: given,
  });

  const backlog =
    Number(given['backlog']) ||
    (args.length > 1 && backlogOf(args[1])) ||
    (args.length > 2 && backlogOf(args[2])) ||
    undefined;
  const options: ListenOptions = {
    // As far as the system's own number goes.
    backlog: backlog && Math.max(1, Math.min(Math.trunc(backlog), 0x7fffffff)),
    tls,
    proxyProtocol,
    exclusive: Boolean(given['exclusive']),
    readableAll: Boolean(given['readableAll']),
    writableAll: Boolean(given['writableAll']),
    // For these, `net` takes only `true` for yes.
    ipv6Only: given['ipv6Only'] === true,
    reusePort: given['reusePort'] === true,
  };

  if (handle) {
    return call({ ...options, handle });
  }
  const { fd, host, path } = given;
  let { port } = given;
  if (typeof fd === 'number' && fd >= 0) {
    return call({ ...options, handle: { fd } });
  }
  const isPortOmitted =
    args.length === 0 ||
    typeof args[0] === 'function' ||
    (port === undefined && 'port' in given) ||
    port === null;
  if (isPortOmitted) port = 0;
  if (typeof port === 'number' || typeof port === 'string') {
    const target = { ...options, port: checkPort(port, 'options.port') };
    if (!host) return call(target);
    // As net names it: if it were ignored, the port would be open to everybody.
    checkString(host, 'hostname');
    return call({ ...target, host });
  }
  if (path && isPath(path)) {
    checkPath(path, 'options.path');
    if (path[0] === '\0' && (options.readableAll || options.writableAll)) {
      throw invalidArgValue(
        'options',
        given,
        'must not have readableAll or writableAll: an abstract path is not a file, and is open to everybody',
      );
    }
    return call({ ...options, path }, path);
  }
  throw invalidArgValue(
    'options',
    given,
    'port' in given || 'path' in given
      ? undefined
      : 'must have the property "port" or "path"',
  );
}

/** As `net.Server.listen` takes it. */
function handleOf(given: Record<string, unknown>): object | undefined {
  const { handle } = given;
  // Node accepts it as a handle only in these two places.
  if (isBoundSocket(given)) return { handle: given };
  if (isBoundSocket(handle)) return { handle };
  const inside = given['_handle'] ?? handle;
  return isThere(inside) ? { _handle: inside } : undefined;
}
