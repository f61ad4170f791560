import type { LookupAddress, LookupOptions } from 'node:dns';
import type { BlockList } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions, TlsOptions } from 'node:tls';

/** The kind of a target: only TCP has a port. */
export interface Medium {
  readonly port?: number | undefined;
  readonly tls?: unknown;
  readonly proxyProtocol?: unknown;
}

/** A target to connect to. The provider resolves names, as `net` does. */
export type ConnectTarget = TcpTarget | PipeTarget | StreamTarget;

export interface TcpTarget extends ConnectOptions {
  port: number;
  host?: string | undefined;
  /** TLS inside TCP, framing inside TLS (contract row 16). */
  tls?: ConnectionOptions | undefined;
}

export interface PipeTarget extends ConnectOptions {
  /** A Unix socket's or a named pipe's path. */
  path: string;
  tls?: ConnectionOptions | undefined;
}

export interface StreamTarget {
  /** Any connected Duplex. It belongs to the provider from here on. */
  stream: Duplex;
  /** TLS inside it. */
  tls?: ConnectionOptions | undefined;
}

/** Resolves a name, as `dns.lookup` does. */
export type Lookup = (
  host: string,
  options: LookupOptions,
  callback: (
    error: Error | null,
    address: string | LookupAddress[],
    family?: number,
  ) => void,
) => void;

/** Options of `net.connect` beside its target; passed on unchanged. */
export interface ConnectOptions {
  localAddress?: string | undefined;
  localPort?: number | undefined;
  family?: number | undefined;
  hints?: number | undefined;
  lookup?: Lookup | undefined;
  autoSelectFamily?: boolean | undefined;
  autoSelectFamilyAttemptTimeout?: number | undefined;
  blockList?: unknown;
  /** Called for events before the connection is open. */
  onprogress?: (event: string, ...args: unknown[]) => void;
}

export type ListenTarget =
  ListenTcpTarget | ListenPipeTarget | ListenHandleTarget;

export interface ListenOptions {
  backlog?: number | undefined;
  exclusive?: boolean | undefined;
  reusePort?: boolean | undefined;
  ipv6Only?: boolean | undefined;
  readableAll?: boolean | undefined;
  writableAll?: boolean | undefined;
  tls?: TlsOptions | undefined;
  /** The PROXY header of these addresses is believed; `true`: everybody's. */
  proxyProtocol?: true | BlockList | undefined;
  /**
   * Called first if there is no net.Server below, which publishes by itself.
   */
  onlisten?: (() => void) | undefined;
}

export interface ListenTcpTarget extends ListenOptions {
  port: number;
  host?: string | undefined;
}

export interface ListenPipeTarget extends ListenOptions {
  path: string;
}

/** A listening handle or descriptor, as `net.Server.listen` takes it. */
interface ListenHandleTarget extends ListenOptions {
  handle: object;
}

/** An end of a connection. */
export interface Address {
  /** `IPv4`, `IPv6`, or `unix` for a path or a nameless end. */
  family: 'IPv4' | 'IPv6' | 'unix';
  /** The numeric address, or the path; '' without one. */
  address: string;
  port: number;
  /**
   * The caller through a Unix socket or named pipe, if the transport knows it.
   */
  identity?: PeerIdentity | undefined;
}

/**
 * The peer of a Unix socket or named pipe, as the system recorded it at
 * connect; `undefined` where it did not. Windows reports neither user nor
 * group.
 */
export interface PeerIdentity {
  processId: number | undefined;
  userId: number | undefined;
  groupId: number | undefined;
}
