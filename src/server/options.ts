import type { BlockList } from 'node:net';
import type { TlsOptions } from 'node:tls';
import type { ConnectionOptions } from '../connection-options.js';
import type { Answer } from '../socket/options.js';
import type { Condition } from './condition.js';

export interface ServerOptions extends ConnectionOptions {
  allowHalfOpen?: boolean | undefined;
  pauseOnConnect?: boolean | undefined;
  noDelay?: boolean | undefined;
  keepAlive?: boolean | undefined;
  keepAliveInitialDelay?: number | undefined;
  highWaterMark?: number | undefined;
  /** Callers from here are refused. */
  blockList?: BlockList | undefined;
  /** Decides about each caller; without one all are accepted. */
  condition?: Condition | false | null | undefined;
  /** The `answer` of each accepted socket. */
  answer?: Answer | false | null | undefined;
  /** The `linger` of each accepted socket. */
  linger?: number | false | null | undefined;
  /**
   * Closed connections that may still send and wait for the peer; beyond it the
   * oldest is cut off.
   *
   * @default 65536
   */
  maxLingering?: number | false | null | undefined;
  /** TLS inside TCP, framing inside TLS. */
  tls?: TlsOptions | false | null | undefined;
  /**
   * Callers come through proxies that identify them, by the PROXY protocol
   * version 1 or 2: from every address (`true`), or from those in the list.
   * Connections from there without such a header are refused.
   */
  proxyProtocol?: boolean | BlockList | null | undefined;
}

export interface ListenOptions {
  port?: number | string | null | undefined;
  host?: string | undefined;
  path?: string | undefined;
  fd?: number | undefined;
  handle?: object | undefined;
  backlog?: number | undefined;
  exclusive?: boolean | undefined;
  reusePort?: boolean | undefined;
  ipv6Only?: boolean | undefined;
  readableAll?: boolean | undefined;
  writableAll?: boolean | undefined;
  /** Closes the server when it is aborted. */
  signal?: AbortSignal | undefined;
}

/** Argument of the event `drop`, as in `node:net`. */
export interface DropArgument {
  localAddress?: string;
  localPort?: number;
  localFamily?: string;
  remoteAddress?: string;
  remotePort?: number;
  remoteFamily?: string;
}
