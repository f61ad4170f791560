import type { Socket } from '../socket.js';

/**
 * Whether somebody listens for a socket's errors. A pipe into it does so only to
 * let go of it, and then emits the error again to whoever else is there: it has
 * a listener for 'unpipe' as well.
 */
export function hearsErrors(socket: Socket): boolean {
  return socket.listenerCount('error') > socket.listenerCount('unpipe');
}
