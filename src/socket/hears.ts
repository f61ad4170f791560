import type { Socket } from '../socket.js';

/**
 * Whether somebody listens for a socket's errors. A pipe into it listens only
 * to unpipe, and then emits the error again for other listeners; it can be told
 * by its listener for 'unpipe'.
 */
export function hearsErrors(socket: Socket): boolean {
  return socket.listenerCount('error') > socket.listenerCount('unpipe');
}
