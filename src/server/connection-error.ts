import { errorMonitor, type EventEmitter } from 'node:events';
import { debug } from '../diagnostics.js';
import { WinsockError } from '../errors.js';
import type { Socket } from '../socket.js';
import { emitSafely } from './emit-safely.js';

/** Reports a socket's errors to its server, see below. */
export function watchErrors(socket: Socket): Socket {
  // Comes ahead of 'error', and counts as no listener for it.
  return socket.on(errorMonitor, onError);
}

/**
 * A peer can break its connection at any moment. Where nobody listens for
 * `error` that would be uncaught, and one stranger's reset the end of a server:
 * so the server is told instead. The application's own errors stay as loud
 * as they are in `net`.
 */
function onError(this: Socket, error: Error): void {
  if (this.listenerCount('error') > 0 || !isOfConnection(error)) return;
  this.once('error', ignore);
  debug('a connection failed: %s', error.message);
  emitSafely(this.server as EventEmitter, 'connectionError', error, this);
}

/** Caused by the peer or the network, not by a call of the application. */
function isOfConnection(error: Error): boolean {
  return (
    error instanceof WinsockError ||
    // A write that the peer's end has overtaken.
    (error as NodeJS.ErrnoException).code === 'EPIPE'
  );
}

function ignore(): void {}
