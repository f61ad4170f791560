/**
 * Octets that `sun_path` has room for (unix(7), unix(4)). If unknown, and on
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

/** Some versions of Node cut such a path, and use the rest. */
export function isTooLong(path: string): boolean {
  return Buffer.byteLength(path) > (room[process.platform] ?? Infinity);
}
