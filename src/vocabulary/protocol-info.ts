/**
 * A provider's declaration of one of its protocols: the parts of
 * WSAPROTOCOL_INFO ("WSAPROTOCOL_INFOA structure") that say what a socket of
 * it can do.
 */
export interface ProtocolInfo {
  /** szProtocol. */
  protocol: string;
  /** The provider's name, as `--provider` and `provider:` take it. */
  provider: string;
  catalogEntryId: number;
  /** AF_INET, AF_INET6 or AF_UNIX. */
  addressFamily: number;
  /** SOCK_STREAM or SOCK_SEQPACKET. */
  socketType: number;
  /** IPPROTO_TCP, or 0. */
  protocolNumber: number;
  /** dwServiceFlags1: XP1_* bits. */
  serviceFlags1: number;
  /** Octets of a message; 0 on a stream: no limit. */
  messageSize: number;
}
