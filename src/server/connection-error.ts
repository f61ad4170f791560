import { debug } from '../diagnostics.js';
import { WinsockError } from '../errors.js';
import type { Socket } from '../socket.js';
import { emitSafely } from './emit-safely.js';
import type { ServerOwner } from './owner.js';

/**
 * A peer can break its connection at any moment. Without a listener for `error`
 * that would be uncaught, and one stranger's reset would end a server; the
 * server gets the error instead. The application's own errors stay uncaught, as
 * in `net`.
 *
 * @returns whether the server gets it.
 */
export function tellConnectionError(
  server: ServerOwner,
  socket: Socket,
  error: Error,
): boolean {
  if (!isOfConnection(error)) return false;
  debug('a connection failed: %s', error.message);
  emitSafely(server, 'connectionError', error, socket);
  return true;
}

/** Caused by the peer or the network, not by a call of the application. */
function isOfConnection(error: Error): boolean {
  return (
    error instanceof WinsockError ||
    // A write that the peer's end has overtaken.
    (error as NodeJS.ErrnoException).code === 'EPIPE'
  );
}
