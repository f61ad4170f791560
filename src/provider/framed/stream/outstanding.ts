import type { Socket as NetSocket } from 'node:net';
import { loadNative } from '../../../native.js';

/** Node's handles have their descriptor as `fd`; on Windows it is -1. */
type WithHandle = NetSocket & { _handle?: { fd?: number } | null };

/**
 * Octets written to a socket, or to the socket below TLS, that the system has
 * and the peer's side has not taken. 0 if they cannot be read: without the
 * addon, or if the system does not report them.
 */
export function outstandingOf(socket: NetSocket): number {
  const descriptor = descriptorOf(socket);
  if (descriptor < 0) return 0;
  return Math.max(0, loadNative().native?.countOutstandingIn(descriptor) ?? 0);
}

/**
 * Whether a TCP socket that has ended is known to have the peer's FIN and no
 * reset behind it.
 */
export function isInOrder(socket: NetSocket): boolean {
  const descriptor = descriptorOf(socket);
  return descriptor >= 0 && loadNative().native?.isInOrder(descriptor) === true;
}

function descriptorOf(socket: NetSocket): number {
  const { _handle: handle } = socket as WithHandle;
  return handle?.fd ?? -1;
}
