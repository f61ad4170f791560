import { handshakeErrorChannel } from '../diagnostics.js';
import type { Address } from '../provider/provider.js';
import type { Server } from '../server.js';
import { emitSafely } from './emit-safely.js';
import type { Counters } from './metrics.js';

/** A caller failed before it was a connection: nobody has to listen. */
export function tellHandshakeError(
  server: Server,
  counters: Counters,
  error: Error,
  callerId: Address,
): void {
  counters.handshakeErrors++;
  if (handshakeErrorChannel.hasSubscribers) {
    handshakeErrorChannel.publish({ server, error, callerId });
  }
  emitSafely(server, 'handshakeError', error, callerId);
}
