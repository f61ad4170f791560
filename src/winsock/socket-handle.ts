import type { ConnectionOptions, TlsOptions } from 'node:tls';
import {
  FD_ACCEPT,
  FD_READ,
  FD_WRITE,
  SOCK_SEQPACKET,
} from '../vocabulary/constants.js';
import {
  WSAENOTSOCK,
  statusOfNodeError,
  type Status,
} from '../vocabulary/error-codes.js';
import type { ProtocolInfo } from '../vocabulary/protocol-info.js';
import type { Qos } from '../vocabulary/qos.js';
import type {
  Address,
  Failure,
  Provider,
  ProviderConnection,
  ProviderListener,
  SocketOptions,
  ConnectionOwner,
  ListenerOwner,
} from '../provider/provider.js';
import { invalidArgType } from '../arguments.js';
import type { WSABUF } from './buffers.js';
import { fail } from './last-error.js';
import { NetworkEvents } from './network-events.js';
import type { Linger } from './option-values.js';
import type { SOCKADDR } from './sockaddr.js';
import { INVALID_SOCKET, SOCKET } from './socket.js';
import type { UserDataOptions } from './user-data-options.js';

/** Settings that accepted sockets inherit from their listener. */
export interface Traits {
  readonly provider: Provider;
  readonly protocol: ProtocolInfo;
  readonly options: Readonly<SocketOptions>;
  readonly tls: ConnectionOptions | TlsOptions | undefined;
  readonly onHandshakeFailure:
    ((failure: Failure, callerId: Address) => void) | undefined;
}

/** Out parameters of a connect under way, filled when it completes. */
export interface PendingConnect {
  calleeData: WSABUF | undefined;
  /** The buffer of {@link calleeData} at the call. */
  room: Uint8Array | undefined;
  sqos: Qos | undefined;
}

export type Stage = 'unconnected' | 'connecting' | 'connected' | 'listening';

/**
 * A socket. It keeps its options until it connects or listens, and only then
 * makes a connection or a listener.
 */
export class SocketHandle
  extends SOCKET
  implements ConnectionOwner, ListenerOwner
{
  isOpen = true;
  /** Since the last connect began, or of an accept. */
  connection: ProviderConnection | undefined;
  /** Since listen. */
  listener: ProviderListener | undefined;
  traits: Traits;
  readonly isMessageOriented: boolean;
  readonly events = new NetworkEvents();
  stage: Stage = 'unconnected';
  /** It was made by WSAAccept. */
  isAccepted = false;

  /** The name given to bind. */
  boundName: SOCKADDR | undefined;
  /** Used if the medium has none; at a listener, its last callee's. */
  localName: SOCKADDR | undefined;
  peerName: SOCKADDR | undefined;

  pendingConnect: PendingConnect | undefined;
  /** Resolves a listen that is under way. */
  pendingListen: ((status: Status) => void) | undefined;
  listening: Promise<number> | undefined;
  /** Waiting requests, as counted from indications: never too few. */
  requests = 0;
  /** The last send would have blocked, and FD_WRITE has not come since. */
  isBlocked = false;
  hasSentDisconnect = false;

  /** SO_ERROR. */
  error: Status = 0;
  linger: Linger = noLinger;
  /** `undefined`: the default, on. */
  noDelay: boolean | undefined;
  keepAlive = false;
  conditionalAccept = false;
  v6Only = true;
  userData: UserDataOptions | undefined;

  /** Winsock has no event for notices. */
  noticed: ConnectionOwner['onNotice'] | undefined;

  /** The failure of a listen, or of the last handshake that failed. */
  listenFailure: (Failure & { callerId?: Address }) | undefined;

  /** @param connection of one that was accepted. */
  constructor(traits: Traits, connection?: ProviderConnection) {
    super();
    this.traits = traits;
    this.isMessageOriented = traits.options.socketType === SOCK_SEQPACKET;
    this.connection = connection;
    if (connection) connection.owner = this;
  }

  /** A connect begins: the previous one reports nothing more. */
  openConnection(): ProviderConnection {
    this.#forgetConnection();
    const { provider, options } = this.traits;
    const connection = provider.createConnection(options);
    connection.owner = this;
    connection.disconnectExtras = this.userData?.disconnectExtras;
    this.connection = connection;
    return connection;
  }

  #forgetConnection(linger?: number, code?: number): void {
    const { connection } = this;
    this.connection = undefined;
    if (!connection) return;
    connection.owner = undefined;
    connection.close(linger, code);
  }

  openListener(): ProviderListener {
    const { provider, options } = this.traits;
    const listener = provider.createListener(options);
    listener.owner = this;
    this.listener = listener;
    return listener;
  }

  /**
   * Nothing more is reported, and no call reaches its connection.
   *
   * @param code of an abort.
   * @param rejectData of a listener.
   */
  close(
    linger: number | undefined,
    code: number | undefined,
    rejectData: Uint8Array | undefined,
  ): void {
    const { listener } = this;
    this.isOpen = false;
    this.pendingConnect = undefined;
    this.events.clear();
    this.#forgetConnection(linger, code);
    this.listener = undefined;
    if (!listener) return;
    listener.owner = undefined;
    listener.close(rejectData);
  }

  onReadable(): void {
    this.events.indicate(FD_READ);
  }

  onWritable(): void {
    this.isBlocked = false;
    this.events.indicate(FD_WRITE);
  }

  onClosed(status: Status): void {
    if (status !== 0) this.error = status;
    this.events.indicateClose(status);
  }

  onNotice(data: Uint8Array | undefined, code: number | undefined): void {
    this.noticed?.(data, code);
  }

  onReleased(): void {}

  onRequest(): void {
    this.requests++;
    this.events.indicate(FD_ACCEPT);
  }

  onHandshakeFailure(failure: Failure, callerId: Address): void {
    this.listenFailure = { ...failure, callerId };
    this.traits.onHandshakeFailure?.(failure, callerId);
  }

  onListenError(cause: Error): void {
    this.listenFailure = { status: statusOfNodeError(cause), cause };
  }

  onConnected(): void {
    const { calleeData, sqos } = this.connection!.connectData;
    const pending = this.#settle(0, calleeData);
    this.stage = 'connected';
    if (pending?.sqos && sqos) copyQos(pending.sqos, sqos);
    this.applyOptions();
    this.events.indicateConnect(0, FD_WRITE);
  }

  onConnectFailed({ status, rejectData }: Failure): void {
    this.#settle(status, rejectData);
    this.stage = 'unconnected';
    this.peerName = undefined;
    this.events.indicateConnect(status, 0);
  }

  /** A connect is over. @param answer the callee's data, or the reject data. */
  #settle(
    status: Status,
    answer: Uint8Array | undefined,
  ): PendingConnect | undefined {
    const pending = this.pendingConnect;
    this.pendingConnect = undefined;
    this.error = status;
    if (pending?.calleeData) {
      if (answer) pending.room!.set(answer);
      pending.calleeData.len = answer?.length ?? 0;
    }
    return pending;
  }

  /** Applies earlier settings to a new connection. */
  applyOptions(): void {
    const { connection, noDelay } = this;
    if (noDelay !== undefined) connection?.medium.setNoDelay(noDelay);
    if (this.keepAlive) connection?.medium.setKeepAlive(true);
  }

  /** FD_* bits whose conditions hold, except those reported once. */
  get presentEvents(): number {
    let bits = 0;
    if (this.connection?.inbox.readable) bits |= FD_READ;
    if (this.requests > 0) bits |= FD_ACCEPT;
    if (
      this.stage === 'connected' &&
      !this.isBlocked &&
      !this.hasSentDisconnect
    ) {
      bits |= FD_WRITE;
    }
    return bits;
  }
}

const noLinger: Linger = Object.freeze({ onoff: 0, linger: 0 });

function copyQos(to: Qos, from: Qos): void {
  Object.assign(to.sending, from.sending);
  Object.assign(to.receiving, from.receiving);
  to.providerSpecific = from.providerSpecific;
}

/**
 * The handle of an open socket, or `undefined` with WSAENOTSOCK set if it is
 * INVALID_SOCKET or closed.
 *
 * @throws {TypeError} it is not a socket.
 */
export function openSocket(s: SOCKET): SocketHandle | undefined {
  if (s instanceof SocketHandle) {
    if (s.isOpen) return s;
    fail(WSAENOTSOCK);
    return undefined;
  }
  if (s === INVALID_SOCKET) {
    fail(WSAENOTSOCK);
    return undefined;
  }
  throw invalidArgType('s', 'a SOCKET', s);
}
