// Messages of the channels and contexts of the traces of
// `node:diagnostics_channel`, for subscribers.
import type { Address } from './provider/provider.js';
import type { ConditionRequest } from './server/condition.js';
import type { DrainCounts } from './server/drain.js';
import type { Server } from './server.js';
import type { Outcome } from './server/verdict.js';
import type { Socket } from './socket.js';

/** Message of `goodbyte:connect`: a connect has completed. */
export interface ConnectMessage {
  socket: Socket;
  /** Why it failed; absent if it did not. */
  error?: Error | undefined;
}

/** Message of `goodbyte:verdict`: a request at a server is decided. */
export interface VerdictMessage {
  server: Server;
  request: ConditionRequest;
  verdict: Outcome;
  /** Milliseconds from the request's arrival until it was decided. */
  duration: number;
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

/** Message of `goodbyte:handshakeError`: a caller got no verdict of its own. */
export interface HandshakeErrorMessage {
  server: Server;
  error: Error;
  callerId: Address;
}

/** Message of `goodbyte:reset`: a connection ended without both last words. */
export interface ResetMessage {
  socket: Socket;
  /** `received`: by the peer or on the way; `sent`: aborted on this side. */
  direction: 'sent' | 'received';
  /** Why; its `violation` is `cut` after a FIN without a last word. */
  error?: Error | undefined;
}

/**
 * Message of `goodbyte:wordLost`: it is unknown whether the peer received it.
 */
export interface WordLostMessage {
  socket: Socket;
  /** Our last word. */
  data: Buffer;
  error?: Error | undefined;
}

/** Context of `tracing:goodbyte:connect:…`. */
export interface ConnectTrace {
  socket: Socket;
  /** The target host or path, as given; absent with `connect({ stream })`. */
  address?: string | undefined;
  port?: number | undefined;
  error?: unknown;
}

/** Context of `tracing:goodbyte:disconnect:…`. */
export interface DisconnectTrace {
  socket: Socket;
  /** Our last word. */
  data: Buffer | undefined;
  /** The peer's. */
  result?: Buffer | undefined;
  error?: unknown;
}
