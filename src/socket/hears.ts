import type { Socket } from '../socket.js';

/**
 * Whether somebody listens for a socket's errors. A pipe into it listens only
 * to unpipe, and then emits the error again for other listeners; its listener
 * for 'unpipe' gives it away.
 */
export function hearsErrors(socket: Socket): boolean {
  return socket.listenerCount('error') > socket.listenerCount('unpipe');
}
