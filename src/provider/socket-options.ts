import { SOCK_STREAM } from '../vocabulary/constants.js';

export interface SocketOptions {
  /** SOCK_STREAM or SOCK_SEQPACKET. */
  socketType: number;
  /**
   * Octets of user data that this side accepts (contract row 2). 0 to 65,535.
   */
  userDataLimit: number;
  /** Octets of a message that this side accepts. */
  messageLimit: number;
  /** Octets received and not yet read before reading stops. */
  receiveBuffer: number;
  /** Octets not yet sent before `send` would block. */
  sendBuffer: number;
  /** Milliseconds from connect to the callee's verdict; 0: no limit. */
  connectTimeout: number;
  /** Milliseconds from accept to a whole CONNECT; 0: no limit. */
  handshakeTimeout: number;
  /** Milliseconds that a request may wait for its verdict; 0: no limit. */
  deferTimeout: number;
  /** Milliseconds without progress that closesocket waits for the peer. */
  lingerTimeout: number;
  /** Most connections in the handshake at a listener. */
  maxPending: number;
  /** The same for each caller's IPv4 address or IPv6 /64; 0: no limit. */
  maxPendingPerAddress: number;
  /** Requests that may wait for a verdict at once. */
  maxDeferred: number;
  /** Accept callers without framing (contract row 13). */
  allowPlain: boolean;
  /**
   * Milliseconds of silence that make a caller plain; absent: silence does not.
   */
  plainAfter?: number | undefined;
  /** Milliseconds of the peer's silence on an open connection; 0: no limit. */
  idleTimeout: number;
  /** FIN is sent with the last word, rather than after the peer's. */
  eagerFin: boolean;
  /** A FIN without a last word is a graceful end, rather than a cut. */
  allowBareFin: boolean;
}

export const defaultSocketOptions: Readonly<SocketOptions> = {
  socketType: SOCK_STREAM,
  userDataLimit: 4096,
  messageLimit: 1024 * 1024,
  receiveBuffer: 64 * 1024,
  sendBuffer: 64 * 1024,
  connectTimeout: 75_000,
  handshakeTimeout: 10_000,
  deferTimeout: 60_000,
  lingerTimeout: 10_000,
  maxPending: 1024,
  maxPendingPerAddress: 0,
  maxDeferred: 1024,
  allowPlain: false,
  idleTimeout: 0,
  eagerFin: false,
  allowBareFin: false,
};
