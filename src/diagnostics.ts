import { channel } from 'node:diagnostics_channel';
import { debuglog } from 'node:util';
import type { ConditionRequest } from './server/condition.js';
import type { DrainCounts } from './server/drain.js';
import type { Server } from './server.js';
import type { Socket } from './socket.js';

/** NODE_DEBUG=goodbyte */
export const debug = debuglog('goodbyte');

/** Message of `goodbyte:connect`: a connect is done. */
export interface ConnectMessage {
  socket: Socket;
  /** Why it failed; absent if it did not. */
  error?: Error | undefined;
}

/** Message of `goodbyte:verdict`: a request at a server is decided. */
export interface VerdictMessage {
  server: Server;
  request: ConditionRequest;
  verdict: 'accept' | 'reject' | 'withdrawn' | 'error';
  /** With `accept`. */
  socket?: Socket | undefined;
  /** With `error`: the caller was refused because of it. */
  error?: unknown;
}

/** Message of `goodbyte:disconnect`: a last word was sent or received. */
export interface DisconnectMessage {
  socket: Socket;
  direction: 'sent' | 'received';
  data: Buffer | undefined;
}

/** Message of `goodbyte:drain`: a server has drained. */
export interface DrainMessage {
  server: Server;
  counts: DrainCounts;
}

export const connectChannel = channel('goodbyte:connect');
export const verdictChannel = channel('goodbyte:verdict');
export const disconnectChannel = channel('goodbyte:disconnect');
export const drainChannel = channel('goodbyte:drain');

/**
 * Runs what calls the application. What it throws is reported as an uncaught
 * exception, and leaves the provider below out of it: what the peer has sent
 * behind must not be lost because a listener is wrong.
 */
export function rethrowLater(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}
