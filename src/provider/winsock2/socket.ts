import { AsyncResource } from 'node:async_hooks';
import type { Duplex } from 'node:stream';
import {
  AF_INET,
  AF_INET6,
  FD_ACCEPT,
  SOCK_SEQPACKET,
  SO_CONNOPT,
  XP1_CONNECT_DATA,
  XP1_DISCONNECT_DATA,
} from '../../vocabulary/constants.js';
import {
  WSAEAFNOSUPPORT,
  WSAEALREADY,
  WSAEFAULT,
  WSAEINVAL,
  WSAEISCONN,
  WSAENOPROTOOPT,
  WSAENOTCONN,
  WSAENOTSOCK,
  WSAEOPNOTSUPP,
  WSAEPROTONOSUPPORT,
  WSAETIMEDOUT,
  WSAEWOULDBLOCK,
  statusOfNodeError,
  type Status,
} from '../../vocabulary/error-codes.js';
import { TimeLimit } from '../../time-limit.js';
import type { Qos } from '../../vocabulary/qos.js';
import type {
  Address,
  ConnectParameters,
  ConnectRequest,
  ConnectTarget,
  Decide,
  Done,
  Failure,
  ListenTarget,
  ListenTcpTarget,
  ListenerStatistics,
  ProviderSocket,
  SocketOptions,
  SocketOwner,
  KeepAliveProbes,
  TcpOption,
  TcpTarget,
} from '../provider.js';
import { resolveLocal } from '../resolve.js';
import { Connection, CONNECTION_EVENTS } from './connection.js';
import { Dial, type DialHost } from './dial.js';
import { ProviderError, type Entry } from './entries.js';
import {
  LISTENER_EVENTS,
  Listener,
  type Accepted,
  type ListenerHost,
} from './listener.js';
import { theWinsockLoop, type WinsockLoop } from './loop.js';
import { Options } from './options.js';
import { decodeQos } from './qos.js';
import { addressOf } from './request.js';

/** Node's. */
const DEFAULT_BACKLOG = 511;

/** Ingredients of a socket. */
export interface EntrySource {
  readonly entries: readonly Entry[];
  /**
   * User data that an entry does not declare is refused here, with the codes
   * that are documented for it: some providers drop it and report success.
   * `false`: whatever the provider says of it is passed on.
   */
  readonly refusesUndeclared: boolean;
}

/**
 * A socket of Winsock2 itself: each call is the real one, and the portable
 * contract holds above it.
 */
export class Winsock2Socket
  extends AsyncResource
  implements ProviderSocket, DialHost, ListenerHost
{
  owner: SocketOwner | undefined;

  calleeData: Uint8Array | undefined;
  calleeOptions: Uint8Array | undefined;
  callerData: Uint8Array | undefined;
  callerOptions: Uint8Array | undefined;
  sqos: Qos | undefined;
  disconnectOptions: Uint8Array | undefined;
  disconnectCode: undefined;
  readonly receivedDisconnectCode: undefined;
  readonly carriesCodes = false;
  /** TCP's keep-alives are the system's. */
  readonly idleLimit = 0;
  rejectData: Uint8Array | undefined;
  failure: Failure | undefined;

  readonly #source: EntrySource;
  readonly #options: Readonly<SocketOptions>;
  readonly #loop: WinsockLoop;

  #dial: Dial | undefined;
  #limit: TimeLimit | undefined;
  #connection: Connection | undefined;
  #entry: Entry | undefined;
  /** At a listening socket. */
  #listener: Listener | undefined;
  #id = -1;
  #isListening = false;
  #isClosed = false;
  #remoteAddress: Address | undefined;

  #noDelay: boolean | undefined;
  #keepAlive:
    | {
        on: boolean;
        delay: number | undefined;
        probes: KeepAliveProbes | undefined;
      }
    | undefined;
  #isUnref = false;
  /** It keeps the process alive. */
  #holds = false;

  constructor(source: EntrySource, options: Readonly<SocketOptions>) {
    super('GOODBYTEWINSOCKET');
    this.#source = source;
    this.#options = options;
    this.#loop = theWinsockLoop();
  }

  get #messageOriented(): boolean {
    return this.#options.socketType === SOCK_SEQPACKET;
  }

  entryOf(family: number): Entry | undefined {
    return this.#source.entries.find(
      ({ info }) =>
        info.addressFamily === family &&
        info.socketType === this.#options.socketType,
    );
  }

  #carries(flag: number): boolean {
    return (
      !this.#source.refusesUndeclared ||
      !this.#entry ||
      this.#entry.declares(flag)
    );
  }

  get carriesData(): boolean {
    return this.#carries(XP1_CONNECT_DATA);
  }

  get framed(): boolean {
    return this.#carries(XP1_DISCONNECT_DATA);
  }

  // -- setup, as a caller ---------------------------------------------------

  connect(target: ConnectTarget, parameters: ConnectParameters): Status {
    if (this.#isListening) return WSAEINVAL;
    if (this.#isClosed) return WSAENOTSOCK;
    if (this.#dial) return WSAEALREADY;
    if (this.#connection) return WSAEISCONN;
    this.failure = undefined;
    const unfit =
      this.#unfitTarget(target) ??
      this.#unreadable ??
      this.#unfitParameters(parameters);
    if (unfit) {
      this.failure = unfit;
      return unfit.status;
    }
    this.#dial = new Dial(
      this.#loop,
      target as TcpTarget,
      this.#source.refusesUndeclared && !this.#mayCarry(XP1_CONNECT_DATA)
        ? { ...parameters, calleeDataLimit: 0 }
        : parameters,
      CONNECTION_EVENTS,
      this,
    );
    this.#startTimer();
    this.#hold();
    const failure = this.#dial.start();
    if (!failure) return WSAEWOULDBLOCK;
    this.#endDial(failure);
    return failure.status;
  }

  #unfitTarget(target: object): Failure | undefined {
    if (!('port' in target)) {
      return {
        status: WSAEAFNOSUPPORT,
        detail:
          'Winsock2 connects by IP addresses; for paths and streams take the provider "framed"',
      };
    }
    if ((target as { tls?: unknown }).tls) {
      return {
        status: WSAEPROTONOSUPPORT,
        detail: 'TLS takes framing: choose the provider "framed"',
      };
    }
    return undefined;
  }

  /** Why there are no entries, of a catalog that cannot be read. */
  get #unreadable(): Failure | undefined {
    try {
      void this.#source.entries;
      return undefined;
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      return { status: error.status, detail: error.message };
    }
  }

  /** Some entry, of whichever family, declares it. */
  #mayCarry(flag: number): boolean {
    return this.#source.entries.some(
      (entry) =>
        entry.info.socketType === this.#options.socketType &&
        entry.declares(flag),
    );
  }

  #unfitParameters(parameters: ConnectParameters): Failure | undefined {
    const { callerData, callerOptions } = parameters;
    const length = Math.max(
      callerData?.length ?? 0,
      callerOptions?.length ?? 0,
    );
    if (length > MOST_USER_DATA) return { status: WSAEFAULT };
    if (
      length > 0 &&
      this.#source.refusesUndeclared &&
      !this.#mayCarry(XP1_CONNECT_DATA)
    ) {
      return {
        status: WSAEPROTONOSUPPORT,
        detail: `the provider declares no connect data (XP1_CONNECT_DATA); ${REMEDY}`,
      };
    }
    return undefined;
  }

  onconnected(id: number, entry: Entry): void {
    this.#dial = undefined;
    this.#stopTimer();
    this.#adopt(id, entry);
    const { native } = this.#loop;
    [this.calleeData] = native.calleeData(id);
    if (entry.declares(XP1_CONNECT_DATA)) {
      this.calleeOptions = new Options(native, id).octets(SO_CONNOPT);
    }
    this.sqos = decodeQos(native.qos(id));
    this.owner?.onConnected?.();
    this.#connection?.begin();
  }

  onfailed(failure: Failure): void {
    this.#endDial(failure);
    this.owner?.onConnectFailed?.(failure);
  }

  #endDial(failure: Failure): void {
    this.#dial = undefined;
    this.#stopTimer();
    this.#letGo();
    this.failure = failure;
  }

  #onTimeout(): void {
    this.#dial?.abandon();
    this.onfailed({
      status: WSAETIMEDOUT,
      detail: `no verdict within ${this.#options.connectTimeout} ms`,
    });
  }

  #startTimer(): void {
    const { connectTimeout } = this.#options;
    if (connectTimeout === 0) return;
    // The connection itself keeps the process alive, if anything should.
    this.#limit = new TimeLimit(connectTimeout, () => {
      this.#onTimeout();
    }).unref();
  }

  #stopTimer(): void {
    this.#limit?.stop();
    this.#limit = undefined;
  }

  #adopt(id: number, entry: Entry): void {
    this.#id = id;
    this.#entry = entry;
    this.#loop.register(id, this);
    this.#hold();
    this.#connection = new Connection(this.#loop, id, {
      messageOriented: this.#messageOriented,
      carriesLastWord: entry.declares(XP1_DISCONNECT_DATA),
      options: this.#options,
      onReadable: () => {
        this.owner?.onReadable?.();
      },
      onWritable: () => {
        this.owner?.onWritable?.();
      },
      onClosed: (status) => {
        this.owner?.onClosed?.(status);
      },
      onfailure: (failure) => {
        this.failure = failure;
      },
      onreleased: () => {
        this.#released();
      },
    });
    if (this.#noDelay !== undefined) this.setNoDelay(this.#noDelay);
    if (this.#keepAlive) {
      const { on, delay, probes } = this.#keepAlive;
      this.setKeepAlive(on, delay, probes);
    }
  }

  // -- setup, as a callee ---------------------------------------------------

  listen(target: ListenTarget, done: (failure: Failure) => void): void {
    target.onlisten?.();
    if (this.#isListening || this.#dial || this.#connection) {
      done({ status: WSAEINVAL });
      return;
    }
    const unfit = this.#unfitTarget(target) ?? this.#unreadable;
    if (unfit) {
      process.nextTick(done, unfit);
      return;
    }
    this.#isListening = true;
    const told = (failure: Failure) => {
      if (this.#isClosed) return;
      if (failure.status !== 0) this.#isListening = false;
      process.nextTick(done, failure);
    };
    const { host } = target as ListenTcpTarget;
    if (!host) {
      const any = this.entryOf(AF_INET6) ? '::' : '0.0.0.0';
      told({ status: this.#listenAt(any, target as ListenTcpTarget) });
      return;
    }
    resolveLocal(host, (error, address) => {
      if (this.#isClosed) return;
      told(
        error
          ? { status: statusOfNodeError(error), cause: error }
          : { status: this.#listenAt(address, target as ListenTcpTarget) },
      );
    });
  }

  #listenAt(address: string, target: ListenTcpTarget): Status {
    const { port, backlog, ipv6Only } = target;
    const isIPv6 = address.includes(':');
    const entry = this.entryOf(isIPv6 ? AF_INET6 : AF_INET);
    if (!entry) return WSAEAFNOSUPPORT;
    const { native } = this.#loop;
    const id = entry.open(LISTENER_EVENTS);
    if (id < 0) return -id;
    const options = new Options(native, id);
    if (isIPv6) options.setV6Only(ipv6Only ?? false);
    // Before listen; a provider that lacks it accepts first and asks then.
    options.setConditionalAccept();
    const status =
      native.bind(id, address, port) ||
      native.listen(id, backlog || DEFAULT_BACKLOG);
    if (status !== 0) {
      native.close(id);
      return status;
    }
    this.#id = id;
    this.#entry = entry;
    this.#loop.register(id, this);
    this.#hold();
    this.#listener = new Listener(
      this.#loop,
      id,
      CONNECTION_EVENTS,
      this.#options,
      this,
    );
    return 0;
  }

  adopt(): Status {
    return WSAEOPNOTSUPP;
  }

  onRequest(): void {
    this.owner?.onRequest?.();
  }

  accept(
    decide: Decide,
    which?: 'new' | ConnectRequest,
  ): ProviderSocket | Status {
    const accepted = this.#listener?.accept(decide, which) ?? WSAEINVAL;
    return typeof accepted === 'number' ? accepted : this.#made(accepted);
  }

  #made({ id, request, verdict }: Accepted): Winsock2Socket {
    const socket = new Winsock2Socket(this.#source, this.#options);
    socket.#adopt(id, this.#entry!);
    socket.#remoteAddress = request.callerId;
    socket.callerData = request.callerData;
    if (this.carriesData) {
      socket.callerOptions = new Options(this.#loop.native, id).octets(
        SO_CONNOPT,
      );
      socket.calleeData = verdict.data?.length ? verdict.data : undefined;
    }
    socket.sqos = verdict.sqos ?? request.sqos;
    // Not before the accepting side has said where its indications go.
    process.nextTick(begin, socket.#connection!);
    return socket;
  }

  get statistics(): ListenerStatistics | undefined {
    return this.#listener?.statistics;
  }

  // -- what Winsock tells ---------------------------------------------------

  onNetworkEvents(events: number, errors: Int32Array): void {
    this.runInAsyncScope(() => {
      if (this.#listener) {
        if ((events & FD_ACCEPT) !== 0) this.onRequest();
      } else {
        this.#connection?.onNetworkEvents(events, errors);
      }
    });
  }

  // -- data -----------------------------------------------------------------

  get #notConnected(): Status {
    return this.#isClosed ? WSAENOTSOCK : WSAENOTCONN;
  }

  /** `undefined` once it is closed: it goes on in the background then. */
  get #open(): Connection | undefined {
    return this.#isClosed ? undefined : this.#connection;
  }

  send(
    data: Uint8Array | readonly Uint8Array[],
    done?: Done,
    isLast = false,
  ): Status {
    return this.#open?.send(data, done, isLast) ?? this.#notConnected;
  }

  get unsent(): number {
    return this.#connection?.unsent ?? 0;
  }

  /** Winsock tells of a send when all of it is done. */
  get outstanding(): number {
    return 0;
  }

  receive(most = Number.POSITIVE_INFINITY): Uint8Array | Status {
    return this.#open?.inbox.receive(most) ?? this.#notConnected;
  }

  peek(most: number): Uint8Array | Status {
    return this.#open?.inbox.peek(most) ?? this.#notConnected;
  }

  get messagePartial(): boolean {
    return this.#connection?.inbox.partial ?? false;
  }

  get receivable(): number {
    return this.#connection?.inbox.octets ?? 0;
  }

  get readable(): boolean {
    return this.#open?.inbox.readable ?? false;
  }

  shutdownReceive(): Status {
    if (!this.#open) return this.#notConnected;
    this.#open.inbox.shut();
    return 0;
  }

  // -- teardown -------------------------------------------------------------

  /** A provider does not tell what its peer takes: too much it refuses. */
  get disconnectDataLimit(): number {
    return this.framed ? MOST_USER_DATA : 0;
  }

  /** Winsock has no call for it. */
  sendNotice(): Status {
    return WSAENOPROTOOPT;
  }

  /** WSASendDisconnect has ended the direction already. */
  shutdownSend(): Status {
    return this.sendDisconnect(undefined);
  }

  sendDisconnect(data: Uint8Array | undefined, done?: Done): Status {
    const connection = this.#open;
    if (!connection) return this.#notConnected;
    if (data?.length && !this.framed) {
      this.failure = {
        status: WSAENOPROTOOPT,
        detail: `the provider declares no disconnect data (XP1_DISCONNECT_DATA); ${REMEDY}`,
      };
      return WSAENOPROTOOPT;
    }
    return connection.sendDisconnect(data, this.disconnectOptions, done);
  }

  receiveDisconnect(capacity: number): Uint8Array | undefined | Status {
    const connection = this.#open;
    if (!connection) return this.#notConnected;
    return connection.receiveDisconnect(capacity);
  }

  /** The provider does not tell what the peer takes. */
  get messageLimit(): number {
    return Number.POSITIVE_INFINITY;
  }

  get disconnectDataLength(): number {
    return this.#connection?.inbox.lastWordLength ?? 0;
  }

  get receivedDisconnectOptions(): Uint8Array | undefined {
    return this.#connection?.receivedDisconnectOptions;
  }

  close(linger?: number): Status {
    if (this.#isClosed) {
      if (linger === 0) this.#connection?.close(0, undefined);
      return WSAENOTSOCK;
    }
    this.#isClosed = true;
    this.#stopTimer();
    this.#dial?.abandon();
    this.#listener?.close();
    if (this.#connection)
      this.#connection.close(linger, this.disconnectOptions);
    else this.#released();
    return 0;
  }

  #released(): void {
    this.#letGo();
    this.#id = -1;
    this.owner?.onReleased?.();
    this.owner = undefined;
    this.emitDestroy();
  }

  // -- the medium -----------------------------------------------------------

  get localAddress(): Address | undefined {
    return addressOf(this.#loop.native.localName(this.#id));
  }

  get remoteAddress(): Address | undefined {
    this.#remoteAddress ??= addressOf(this.#loop.native.peerName(this.#id));
    return this.#remoteAddress;
  }

  get stream(): Duplex | undefined {
    return undefined;
  }

  get #medium(): Options | undefined {
    return this.#connection && this.#id >= 0
      ? new Options(this.#loop.native, this.#id)
      : undefined;
  }

  setNoDelay(on: boolean): Status {
    this.#noDelay = on;
    return this.#medium?.setNoDelay(on) ?? 0;
  }

  setKeepAlive(on: boolean, delay?: number, probes?: KeepAliveProbes): Status {
    this.#keepAlive = { on, delay, probes };
    return this.#medium?.setKeepAlive(on, delay, probes) ?? 0;
  }

  /** Windows takes it from its policies alone. */
  setTypeOfService(): Status {
    return WSAENOPROTOOPT;
  }

  readonly typeOfService = undefined;

  setTcpOption(option: TcpOption, value: number): Status {
    return this.#medium?.setTcp(option, value) ?? WSAENOPROTOOPT;
  }

  tcpOption(option: TcpOption): number | undefined {
    return this.#medium?.tcp(option);
  }

  ref(): void {
    this.#isUnref = false;
    if (this.#dial || this.#id >= 0) this.#hold();
  }

  unref(): void {
    this.#isUnref = true;
    this.#letGo();
  }

  #hold(): void {
    if (this.#holds || this.#isUnref) return;
    this.#holds = true;
    this.#loop.hold();
  }

  #letGo(): void {
    if (!this.#holds) return;
    this.#holds = false;
    this.#loop.letGo();
  }
}

/** A field of 16 bits has its length, on every provider that is known. */
const MOST_USER_DATA = 65_535;

const REMEDY =
  'use framing at both ends (the provider "framed"), or do without the data';

function begin(connection: Connection): void {
  connection.begin();
}
