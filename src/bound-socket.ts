import * as net from 'node:net';
import type { AddressInfo } from 'node:net';

/** The options of Node's own `net.BoundSocket`. */
export interface BoundSocketOptions {
  host?: string | undefined;
  port?: number | undefined;
  ipv6Only?: boolean | undefined;
  reusePort?: boolean | undefined;
  path?: string | undefined;
}

/**
 * Node's own `net.BoundSocket` (Node 24.21 and 26): a bound local end that does
 * nothing yet. `server.listen()` takes it over.
 */
export interface BoundSocket {
  address(): AddressInfo | string;
  /** -1 if sockets have no descriptor. */
  fd(): number;
  close(): void;
}

type BoundSocketClass = new (options?: BoundSocketOptions) => BoundSocket;

/** `undefined` if Node lacks it. */
export const BoundSocket = (net as { BoundSocket?: BoundSocketClass })
  .BoundSocket;

export function isBoundSocket(value: unknown): value is BoundSocket {
  return BoundSocket !== undefined && value instanceof BoundSocket;
}
