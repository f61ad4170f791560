import { loadCluster } from '../../../on-demand.js';
import type {
  ConnectTarget,
  ListenPipeTarget,
  ListenTarget,
  ListenTcpTarget,
  PipeTarget,
  TcpTarget,
} from '../../provider.js';

/** The engine serves TCP and pipes, not TLS or a user's Duplex. */
export function canDial(
  target: ConnectTarget,
): target is TcpTarget | PipeTarget {
  return !('stream' in target) && !target.tls;
}

/**
 * Nor does it serve handles made elsewhere, or connections that a cluster's
 * primary process hands to its workers, which come as Node's own sockets.
 * Proxies' headers and silent plain callers are handled by the stream
 * transport.
 */
export function canListen(
  target: ListenTarget,
  plainAfter?: number,
): target is ListenTcpTarget | ListenPipeTarget {
  if (plainAfter !== undefined) return false;
  if (target.tls || target.proxyProtocol || 'handle' in target) return false;
  if (target.exclusive === true || target.reusePort) return true;
  return loadCluster().isPrimary;
}
