import type { LookupFunction, BlockList } from 'node:net';
import type { Duplex, DuplexOptions } from 'node:stream';
import type { ConnectionOptions as TlsConnectionOptions } from 'node:tls';
import type { Absent, ConnectionOptions } from '../connection-options.js';
import type { UserData } from '../user-data.js';
import type { Qos } from '../vocabulary/qos.js';
import type { Socket } from '../socket.js';

/**
 * Says our last word when the peer has said its own.
 *
 * @param data the peer's last word.
 * @param code the number beside it.
 * @returns ours, or a promise of it.
 */
export type Answer = (
  this: Socket,
  data: Buffer | undefined,
  code?: number,
) => Reply | Promise<Reply>;

/** Our last word; with a number beside it, an object. */
export type Reply = UserData | LastWordWithCode | undefined | void;

export interface LastWordWithCode {
  data?: UserData | undefined;
  /** A 32-bit number: the peer's `disconnectCode`. */
  code?: number | undefined;
}

/** As `node:net`'s: received data goes into the user's buffer. */
export interface OnReadOptions {
  buffer: Uint8Array | (() => Uint8Array);
  /** Reading stops when it returns `false`, until `resume` or `read`. */
  callback(
    this: Socket,
    bytesWritten: number,
    buffer: Uint8Array,
  ): boolean | void;
}

/** As `node:net`'s; see {@link Socket.setKeepAlive}. */
export interface SetKeepAliveOptions {
  enable?: boolean | undefined;
  initialDelay?: number | undefined;
  interval?: number | undefined;
  count?: number | undefined;
}

/** The constructor's options. */
export interface SocketConstructorOptions
  extends
    ConnectionOptions,
    Omit<
      DuplexOptions,
      'read' | 'write' | 'writev' | 'final' | 'destroy' | 'construct'
    > {
  /**
   * A connected descriptor: a plain connection. `readable` and `writable` say
   * which directions it has.
   */
  fd?: number | undefined;
  readable?: boolean | undefined;
  writable?: boolean | undefined;
  /** The `_handle` of a Socket, or one of Node's, likewise. */
  handle?: object | null | undefined;
  /** Each of these two makes a paused Socket, or one that nobody has read yet. */
  pauseOnCreate?: boolean | undefined;
  manualStart?: boolean | undefined;
  allowHalfOpen?: boolean | undefined;
  noDelay?: boolean | undefined;
  keepAlive?: boolean | undefined;
  keepAliveInitialDelay?: number | undefined;
  /** See {@link Socket.setTypeOfService}. */
  typeOfService?: number | undefined;
  onread?: OnReadOptions | null | undefined;
  signal?: AbortSignal | undefined;
  /** TLS inside TCP, a pipe or a given stream, and framing inside TLS. */
  tls?: TlsConnectionOptions | false | null | undefined;
  /** See {@link Socket.answer}. */
  answer?: Answer | undefined;
  /** See {@link Socket.linger}. */
  linger?: number | undefined;
}

/** Options of every way to connect. */
interface ConnectCommon extends SocketConstructorOptions {
  /** Passed to the callee's condition function; at most 4,096 octets. */
  callerData?: UserData | undefined;
  /** The quality of service asked for. */
  sqos?: Qos | undefined;
  /** Milliseconds without activity until `timeout`. */
  timeout?: number | undefined;
}

export interface TcpConnectOptions extends ConnectCommon {
  port: number | string;
  host?: string | undefined;
  localAddress?: string | undefined;
  localPort?: number | undefined;
  family?: number | string | undefined;
  hints?: number | undefined;
  lookup?: LookupFunction | undefined;
  autoSelectFamily?: boolean | undefined;
  autoSelectFamilyAttemptTimeout?: number | undefined;
  blockList?: BlockList | undefined;
}

export interface PipeConnectOptions extends ConnectCommon {
  path: string;
}

export interface StreamConnectOptions extends ConnectCommon {
  /** Any connected Duplex; it belongs to the socket from here on. */
  stream: Duplex;
}

export type ConnectOptions =
  TcpConnectOptions | PipeConnectOptions | StreamConnectOptions;

export interface NotifyOptions {
  /** A 32-bit number beside the data. */
  code?: number | undefined;
}

export interface ResetOptions {
  /** A 32-bit number: `resetCode` of the peer's error. */
  code?: number | undefined;
}

export interface DisconnectOptions {
  /** Aborts the connection; the promise is rejected with an AbortError. */
  signal?: AbortSignal | Absent;
  /**
   * Milliseconds for the peer's last word; then as `signal`, with ETIMEDOUT. If
   * absent, two minutes without a sign of the peer; `Infinity`: no limit.
   */
  deadline?: number | Absent;
  /** A 32-bit number beside the data: the peer's `disconnectCode`. */
  code?: number | Absent;
}
