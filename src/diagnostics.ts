import { channel, tracingChannel } from 'node:diagnostics_channel';
import { debuglog } from 'node:util';

/** NODE_DEBUG=goodbyte */
export const debug = debuglog('goodbyte');

export const connectChannel = channel('goodbyte:connect');
export const verdictChannel = channel('goodbyte:verdict');
export const disconnectChannel = channel('goodbyte:disconnect');
export const drainChannel = channel('goodbyte:drain');
export const handshakeErrorChannel = channel('goodbyte:handshakeError');
export const resetChannel = channel('goodbyte:reset');
export const wordLostChannel = channel('goodbyte:wordLost');

/**
 * Node's own channels of `net`, for connections and servers without a
 * net.Socket or net.Server below: those publish by themselves.
 */
export const netClientSocket = channel('net.client.socket');
export const netServerSocket = channel('net.server.socket');
export const netServerListen = tracingChannel('net.server.listen');

export const connectTracing = tracingChannel('goodbyte:connect');
export const disconnectTracing = tracingChannel('goodbyte:disconnect');

/**
 * Runs a call into the application. An exception is reported as uncaught and
 * does not reach the provider: input that follows must not be lost because a
 * listener throws.
 */
export function rethrowLater(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}
