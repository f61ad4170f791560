import { connectError, listenError } from '../../system-errors.js';

/**
 * The length of `sun_path` in octets (unix(7), unix(4)). If it is unknown, and on
 * Windows, the system itself checks.
 */
const room: Partial<Record<NodeJS.Platform, number>> = {
  android: 108,
  darwin: 104,
  freebsd: 104,
  linux: 108,
  netbsd: 104,
  openbsd: 104,
  sunos: 108,
};

/**
 * The error for a path that is too long. `net` reports EINVAL since Node 24;
 * earlier versions cut off the end of such a path, and use the rest.
 */
export function pathErrorOf(
  target: object,
  call: 'connect' | 'listen',
): Error | undefined {
  if (!('path' in target)) return undefined;
  const address = target.path as string;
  const most = room[process.platform] ?? Infinity;
  if (Buffer.byteLength(address) <= most) return undefined;
  const errorOf = call === 'connect' ? connectError : listenError;
  const error = errorOf('ENAMETOOLONG', { address });
  error.message += `: a path of a socket has at most ${most} octets`;
  return error;
}
