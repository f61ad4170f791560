import type { Duplex } from 'node:stream';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  CF_ACCEPT,
  IPPROTO_TCP,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  XP1_CONNECT_DATA,
  XP1_DISCONNECT_DATA,
  XP1_GRACEFUL_CLOSE,
  XP1_GUARANTEED_DELIVERY,
  XP1_GUARANTEED_ORDER,
  XP1_MESSAGE_ORIENTED,
  XP1_PARTIAL_MESSAGE,
} from '../../vocabulary/constants.js';
import type { ProtocolInfo } from '../../vocabulary/protocol-info.js';
import {
  defaultSocketOptions,
  type Provider,
  type ProviderConnection,
  type SocketOptions,
} from '../provider.js';
import { FramedConnection } from './connection.js';
import type { Home } from './handshake/callee.js';
import { FramedListener } from './listener.js';
import { takeOver } from './stream/given.js';
import { StreamTransport } from './stream/transport.js';
import { transportOptions } from './transport-options.js';
import { transportChoice, transports } from './transports.js';
import { Role } from './wire.js';

const streamFlags =
  XP1_GUARANTEED_DELIVERY |
  XP1_GUARANTEED_ORDER |
  XP1_GRACEFUL_CLOSE |
  XP1_CONNECT_DATA |
  XP1_DISCONNECT_DATA;

const messageFlags = streamFlags | XP1_MESSAGE_ORIENTED | XP1_PARTIAL_MESSAGE;

const families = [
  { addressFamily: AF_INET, medium: 'TCP/IP', protocolNumber: IPPROTO_TCP },
  { addressFamily: AF_INET6, medium: 'TCP/IPv6', protocolNumber: IPPROTO_TCP },
  { addressFamily: AF_UNIX, medium: 'local socket', protocolNumber: 0 },
];

const protocols: readonly ProtocolInfo[] = families.flatMap(
  ({ addressFamily, medium, protocolNumber }, index) => [
    {
      protocol: `goodbyte framing over ${medium}, stream`,
      provider: 'framed',
      catalogEntryId: 2 * index + 1,
      addressFamily,
      socketType: SOCK_STREAM,
      protocolNumber,
      serviceFlags1: streamFlags,
      messageSize: 0,
    },
    {
      protocol: `goodbyte framing over ${medium}, messages`,
      provider: 'framed',
      catalogEntryId: 2 * index + 2,
      addressFamily,
      socketType: SOCK_SEQPACKET,
      protocolNumber,
      serviceFlags1: messageFlags,
      messageSize: defaultSocketOptions.messageLimit,
    },
  ],
);

/** Winsock's semantics by framing, over any stream. */
export const framedProvider: Provider = {
  name: 'framed',
  protocols,
  get transport() {
    return transportChoice();
  },
  framing: true,
  conditionalAccept: true,
  carries: () => true,
  // An invalid GOODBYTE_TRANSPORT is reported at once, not at its first use.
  createConnection(options) {
    transportChoice();
    return new FramedConnection(options, transports.dial);
  },
  createPlainConnection,
  createListener(options) {
    transportChoice();
    return new FramedListener(options, transports);
  },
};

/** Nobody calls here: whoever connects is accepted. */
const anybody: Home<FramedConnection> = {
  rejectData: undefined,
  onRequest(connection) {
    connection.decide({ verdict: CF_ACCEPT }, true);
  },
  onWithdrawn() {},
  onExpired() {},
  onDisqualified() {},
  onDismissed() {},
};

function createPlainConnection(
  stream: Duplex,
  options: Readonly<SocketOptions>,
): ProviderConnection {
  const connection = new FramedConnection(options, transports.dial);
  const decoding = {
    ...transportOptions(options, Role.caller),
    allowPlain: true,
  };
  const transport = new StreamTransport(takeOver(stream), connection, decoding);
  connection.answer(anybody, transport);
  transport.takeAsPlain();
  // A descriptor that can only be written ends with us.
  if (!stream.readable) stream.on('finish', () => transport.onStreamEnd());
  return connection;
}
