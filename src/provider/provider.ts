// Longer than other files: the whole seam, with the documentation of each member.

import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import type { Status } from '../vocabulary/error-codes.js';
import type { ProtocolInfo } from '../vocabulary/protocol-info.js';
import type { Qos } from '../vocabulary/qos.js';
import type { SocketOptions } from './socket-options.js';
import type {
  Address,
  ConnectTarget,
  ListenTarget,
  Medium,
} from './targets.js';

export * from './socket-options.js';
export type * from './targets.js';

/**
 * The one seam: connections and listeners with Winsock's semantics.
 *
 * The code above it (Socket, Server, goodbyte/winsock) is written once; each
 * provider is below it. Calls return 0 or a `WSAE*` number and never throw;
 * arguments are valid when they get here. Nothing blocks: a call that would
 * block returns WSAEWOULDBLOCK, and an indication says when its owner can
 * continue.
 */
export interface Provider {
  readonly name: string;
  /** The list of WSAEnumProtocols, most preferred first. */
  readonly protocols: readonly ProtocolInfo[];
  /** Its transport, for `goodbyte info`; absent without a choice. */
  readonly transport?: TransportChoice;
  /** It speaks the wire format, and notices a peer that does not. */
  readonly framing: boolean;
  /** A caller's connect waits for the condition function's verdict. */
  readonly conditionalAccept: boolean;
  /** Whether it can connect to, or listen at, a target of that kind. */
  carries(medium: Medium): boolean;
  createConnection(options: Readonly<SocketOptions>): ProviderConnection;
  /** Makes an open connection of a Duplex whose peer speaks no framing. */
  readonly createPlainConnection?: (
    stream: Duplex,
    options: Readonly<SocketOptions>,
  ) => ProviderConnection;
  createListener(options: Readonly<SocketOptions>): ProviderListener;
}

export type TransportName = 'engine' | 'stream';

/** The transport that a provider uses, and why. */
export interface TransportChoice {
  readonly transport: TransportName;
  /** Accepts connections; the same, unless a test chooses another. */
  readonly listening: TransportName;
  /** A sentence for a person. */
  readonly reason: string;
}

/**
 * Options of TCP for one connection.
 *
 * - `userTimeout`: milliseconds that sent octets may stay unacknowledged.
 * - `keepAliveIdle`, `keepAliveInterval`: seconds before the first keepalive
 *   probe, and between two; `keepAliveCount`: probes without an answer.
 */
export type TcpOption =
  'userTimeout' | 'keepAliveIdle' | 'keepAliveInterval' | 'keepAliveCount';

/** Probes after the first; an absent member keeps the system's value. */
export interface KeepAliveProbes {
  /** Milliseconds between two; whole seconds count. */
  interval?: number | undefined;
  /** Without an answer, until the connection is given up. */
  count?: number | undefined;
}

/** Up to this many octets a provider copies at send. */
export const COPIED_AT_SEND = 2048;

/**
 * Called once with the outcome of a send: 0 when the system has the octets,
 * otherwise the error. Closed under way: WSA_OPERATION_ABORTED.
 */
export type Done = (status: Status) => void;

/** Extras of a connect (the four of WSAConnect). */
export interface ConnectParameters {
  callerData?: Uint8Array | undefined;
  /** SO_CONNOPT. */
  callerOptions?: Uint8Array | undefined;
  /** Octets that fit the callee data buffer; 0: no callee data is wanted. */
  calleeDataLimit: number;
  sqos?: Qos | undefined;
}

/** The data of connect and accept, from both sides. */
export interface ConnectData {
  readonly callerData: Uint8Array | undefined;
  /** SO_CONNOPT. */
  readonly callerOptions: Uint8Array | undefined;
  readonly calleeData: Uint8Array | undefined;
  readonly calleeOptions: Uint8Array | undefined;
  readonly sqos: Qos | undefined;
}

/** Shared: most sides send no data. */
export const noConnectData: ConnectData = {
  callerData: undefined,
  callerOptions: undefined,
  calleeData: undefined,
  calleeOptions: undefined,
  sqos: undefined,
};

/** Beside the data of a last word. */
export interface DisconnectExtras {
  /** SO_DISCOPT. */
  readonly options?: Uint8Array | undefined;
  /** A 32-bit number. */
  readonly code?: number | undefined;
}

/** A caller that waits for its verdict. */
export interface ConnectRequest {
  readonly callerId: Address;
  readonly calleeId: Address;
  readonly callerData: Uint8Array | undefined;
  readonly callerOptions: Uint8Array | undefined;
  readonly sqos: Qos | undefined;
  /** Octets of callee data that the caller accepts. */
  readonly calleeDataLimit: number;
  /** `false` for a plain peer, which has sent and takes no user data. */
  readonly framed: boolean;
  /** Offered before, and deferred. */
  readonly deferred: boolean;
  /** The caller has left, or was refused: a verdict no longer counts. */
  readonly withdrawn: boolean;
  /**
   * Called once when the caller of a deferred request leaves. Without it the
   * next accept returns WSAECONNRESET in the request's place.
   */
  onwithdrawn: (() => void) | undefined;
  /** The underlying stream: a net.Socket, a TLSSocket, … */
  readonly stream: Duplex | undefined;
}

/** The decision of a condition function. `verdict` is CF_ACCEPT, … */
export interface Verdict {
  verdict: number;
  /** Callee data with CF_ACCEPT, reject data with CF_REJECT. */
  data?: Uint8Array | undefined;
  /** SO_CONNOPT of the callee, with CF_ACCEPT. */
  options?: Uint8Array | undefined;
  /** The quality of service as changed, with CF_ACCEPT. */
  sqos?: Qos | undefined;
  /** With CF_REJECT: the error of the caller's connect. */
  status?: Status | undefined;
  /** With CF_REJECT: the application's 32-bit number. */
  code?: number | undefined;
  /** With CF_REJECT: whether the caller may call again without harm. */
  mayRepeat?: boolean | undefined;
}

export type Decide = (request: ConnectRequest) => Verdict;

/** The reason that a connection, or an attempt at one, ended. */
export interface Failure {
  readonly status: Status;
  /** The rule of the wire format that the peer broke (§8). */
  readonly violation?: string | undefined;
  /** A sentence for a person; holds no raw octets of the peer. */
  readonly detail?: string | undefined;
  /** The error that Node reported, if one did. */
  readonly cause?: Error | undefined;
  /** The callee refused, or its server did. */
  readonly rejected?: true | undefined;
  /** The data of the callee's refusal. */
  readonly rejectData?: Uint8Array | undefined;
  /** The number beside it. */
  readonly rejectCode?: number | undefined;
  /** Whether the refusal allows another call without harm. */
  readonly mayRepeat?: boolean | undefined;
  /** The number that the peer sent with its reset. */
  readonly resetCode?: number | undefined;
}

/**
 * A connection's owner, which receives its indications. Several may come in one
 * loop turn.
 */
export interface ConnectionOwner {
  /** The callee has accepted: the connection is open. */
  onConnected(): void;
  /** The connect failed; another one may try again. */
  onConnectFailed(failure: Failure): void;
  /** Data can be received again. */
  onReadable(): void;
  /** Sending can continue after WSAEWOULDBLOCK. */
  onWritable(): void;
  /**
   * The one close indication: all data has been received.
   *
   * @param status 0 for a graceful end.
   */
  onClosed(status: Status): void;
  /** The peer's last word will come soon; reported ahead of unread data. */
  onNotice(data: Uint8Array | undefined, code: number | undefined): void;
  /** After close: the connection is gone; its last word is sent. */
  onReleased(): void;
}

/** A listener's owner, which receives its indications. */
export interface ListenerOwner {
  /** A request has arrived, or the caller of a deferred one has left. */
  onRequest(): void;
  /** A handshake failed before there was a request. */
  onHandshakeFailure(failure: Failure, callerId: Address): void;
  /** Listening broke after it had begun. */
  onListenError(error: Error): void;
}

export interface ListenerStatistics {
  /** Handshakes under way. */
  pending: number;
  /** Requests that wait for a verdict. */
  deferred: number;
  /** Connections closed before their first octet (health checks). */
  probes: number;
  /** Connections closed because too many were pending. */
  overLimit: number;
  handshakeTimeouts: number;
  violations: number;
  /** Callers that left before their verdict. */
  withdrawn: number;
}

/** Accepts connections, and offers them for a verdict. */
export interface ProviderListener {
  owner: ListenerOwner | undefined;

  /**
   * Once in its life.
   *
   * @param done gets 0 once it listens.
   */
  listen(target: ListenTarget, done: (failure: Failure) => void): void;
  /**
   * Takes a connected Duplex like an incoming connection.
   *
   * @param tls TLS is spoken inside it.
   * @returns WSAEOPNOTSUPP: it accepts only the system's connections.
   */
  adopt(stream: Duplex, tls?: TlsOptions): Status;
  /**
   * Offers one request to `decide`, and carries out the verdict.
   *
   * @param which the oldest one, deferred ones first, if absent.
   * @returns the connection; WSAEWOULDBLOCK: no request; WSAECONNREFUSED:
   *  rejected; WSATRY_AGAIN: deferred; WSAECONNRESET: the caller has left;
   *  WSAEINVAL: an invalid verdict, and WSAEFAULT: too much callee data (the
   *  request stays); WSAENOBUFS: too many are deferred already. WSAEINVAL, too,
   *  if it does not listen.
   */
  accept(
    decide: Decide,
    which?: 'new' | ConnectRequest,
  ): ProviderConnection | Status;

  /** @param rejectData the last word for callers that wait for a verdict. */
  close(rejectData?: Uint8Array): void;

  readonly statistics: ListenerStatistics;
  readonly localAddress: Address | undefined;
  ref(): void;
  unref(): void;
}

/** One connection, or an attempt at one. */
export interface ProviderConnection {
  owner: ConnectionOwner | undefined;

  /**
   * Starts to connect: WSAEWOULDBLOCK, then `onConnected` or `onConnectFailed`.
   * After a failure it may be tried again.
   */
  connect(target: ConnectTarget, parameters: ConnectParameters): Status;

  /**
   * Queues all of the octets, or (on a message-oriented socket) one message.
   *
   * @param data up to {@link COPIED_AT_SEND} octets are copied; more must not
   *  change until `done`.
   * @param isLast only the last word follows: the send buffer has no limit.
   * @returns with `done`, as an overlapped WSASend does: 0 when the system has
   *  all of it, and `done` is not called; WSA_IO_PENDING when `done` will be
   *  called. Without `done` both are 0. Anything else: nothing was queued.
   */
  send(
    data: Uint8Array | readonly Uint8Array[],
    done?: Done,
    isLast?: boolean,
  ): Status;
  /**
   * Queues several messages, which are copied; as {@link send}. Absent: they go
   * one by one.
   */
  sendMessages?(messages: readonly Uint8Array[], done: Done): Status;
  /** Octets sent here and not handed to the system. */
  readonly unsent: number;
  /** The system's octets that the peer's side has not taken; 0 if unknown. */
  readonly outstanding: number;
  /** Octets of a message that the peer accepts. */
  readonly messageLimit: number;
  /** Milliseconds without progress that it may linger; see SocketOptions. */
  readonly lingerTimeout: number;

  readonly inbox: ProviderInbox;

  /**
   * @param done called with the last word's outcome.
   * @returns as {@link send} does; also 0 if there is nothing to send again.
   */
  sendDisconnect(data: Uint8Array | undefined, done?: Done): Status;
  /**
   * Tells the peer that our last word will come soon.
   *
   * @param code a 32-bit number.
   * @returns WSAEMSGSIZE: more than the peer takes (as of disconnect data);
   *  WSAENOPROTOOPT: nothing here carries it.
   */
  sendNotice(data: Uint8Array | undefined, code: number | undefined): Status;
  /** FIN at once, after the last word; sends one without data if necessary. */
  shutdownSend(): Status;
  /** Octets of disconnect data that the peer accepts. */
  readonly disconnectDataLimit: number;
  /** Sent with the last word, {@link close}'s too. */
  disconnectExtras: DisconnectExtras | undefined;
  /** Came with the peer's. */
  readonly receivedExtras: DisconnectExtras | undefined;
  /** Whether numbers beside a word reach the peer. */
  readonly carriesCodes: boolean;

  /**
   * Ends the connection; returns at once (contract row 11).
   *
   * @param linger SO_LINGER on, with its seconds; 0: abort. A second call with
   *  0 cuts off a linger.
   * @param code a 32-bit number for an abort's RESET, if there is one
   *  ({@link carriesCodes}).
   */
  close(linger?: number, code?: number): Status;

  readonly connectData: ConnectData;
  readonly failure: Failure | undefined;
  readonly framed: boolean;
  /** The peer's limit of silence in milliseconds; 0: no limit. */
  readonly idleLimit: number;

  readonly localAddress: Address | undefined;
  readonly remoteAddress: Address | undefined;
  /** The underlying stream, for its own data (TLS, …). */
  readonly stream: Duplex | undefined;
  readonly medium: ProviderMedium;
  ref(): void;
  unref(): void;
}

/** Received, unread data. */
export interface ProviderInbox {
  /** Something can be received, perhaps an empty message. */
  readonly readable: boolean;
  /** Octets of data that can be received at once. */
  readonly receivable: number;
  /**
   * Reads the next data: at most `most` octets, of one message only. 0: the end
   * of a stream. Otherwise a `WSAE*` number.
   */
  receive(most?: number): Uint8Array | Status;
  /** The same without taking it; of a stream, everything available. */
  peek(most: number): Uint8Array | Status;
  /** The last receive or peek did not return its message's end. */
  readonly messagePartial: boolean;
  /**
   * The peer's disconnect data; `undefined` if it sent none.
   * WSAEFAULT: `capacity` is below {@link disconnectDataLength}.
   */
  receiveDisconnect(capacity: number): Uint8Array | undefined | Status;
  readonly disconnectDataLength: number;
  /** No more receiving: received and later data is dropped. */
  shutdownReceive(): Status;
}

/** The medium of an open connection. */
export interface ProviderMedium {
  setNoDelay(on: boolean): Status;
  setKeepAlive(on: boolean, delay?: number, probes?: KeepAliveProbes): Status;
  /**
   * The octet of differentiated services (RFC 2474) for sending; the lower two
   * bits belong to the network. WSAENOPROTOOPT: not available.
   */
  setTypeOfService(value: number): Status;
  /** `undefined`: no data, or no connection. */
  readonly typeOfService: number | undefined;
  /** WSAENOPROTOOPT: not available. */
  setTcpOption(option: TcpOption, value: number): Status;
  /** `undefined`: no data, or no connection. */
  tcpOption(option: TcpOption): number | undefined;
}
