import cluster from 'node:cluster';
import type {
  ConnectTarget,
  ListenPipeTarget,
  ListenTarget,
  ListenTcpTarget,
  PipeTarget,
  TcpTarget,
} from '../../provider.js';

/** TCP and pipes are the engine's; TLS and a user's Duplex are not. */
export function canDial(
  target: ConnectTarget,
): target is TcpTarget | PipeTarget {
  return !('stream' in target) && !target.tls;
}

/**
 * Nor is a handle that somebody else made, nor what a cluster's primary process
 * hands to its workers: that comes as Node's own sockets. And proxies' headers
 * are read, and silence is taken for plain, by the stream transport.
 */
export function canListen(
  target: ListenTarget,
  plainAfter?: number,
): target is ListenTcpTarget | ListenPipeTarget {
  if (plainAfter !== undefined) return false;
  if (target.tls || target.proxyProtocol || 'handle' in target) return false;
  return cluster.isPrimary || target.exclusive === true || !!target.reusePort;
}
