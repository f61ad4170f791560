import { handshakeErrorChannel } from '../diagnostics.js';
import type { Address } from '../provider/provider.js';
import { emitSafely } from './emit-safely.js';
import type { Counters } from './metrics.js';
import type { ServerOwner } from './owner.js';

/** A caller failed before it became a connection; a listener is optional. */
export function tellHandshakeError(
  server: ServerOwner,
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
