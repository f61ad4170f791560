import { AsyncResource } from 'node:async_hooks';
import type { Duplex } from 'node:stream';
import {
  SOCK_SEQPACKET,
  SO_CONNOPT,
  XP1_CONNECT_DATA,
  XP1_DISCONNECT_DATA,
} from '../../vocabulary/constants.js';
import {
  WSAEALREADY,
  WSAEFAULT,
  WSAEISCONN,
  WSAENOPROTOOPT,
  WSAENOTCONN,
  WSAENOTSOCK,
  WSAEPROTONOSUPPORT,
  WSAETIMEDOUT,
  WSAEWOULDBLOCK,
  type Status,
} from '../../vocabulary/error-codes.js';
import { TimeLimit } from '../../time-limit.js';
import { Inbox, type InboxHost } from '../inbox.js';
import {
  noConnectData,
  type Address,
  type ConnectData,
  type ConnectionOwner,
  type ConnectParameters,
  type ConnectTarget,
  type DisconnectExtras,
  type Done,
  type Failure,
  type ProviderConnection,
  type ProviderMedium,
  type SocketOptions,
  type TcpTarget,
} from '../provider.js';
import { Dial, type DialHost } from './dial.js';
import type { Entry } from './entries.js';
import { Hold } from './hold.js';
import { theWinsockLoop, type WinsockLoop } from './loop.js';
import { noMedium, Options } from './options.js';
import { decodeQos } from './qos.js';
import { addressOf } from './request.js';
import {
  carries,
  entryOf,
  MOST_USER_DATA,
  REMEDY,
  takes,
  unfit,
  type EntrySource,
} from './source.js';
import { CONNECTION_EVENTS, Standing, type StandingHost } from './standing.js';

/**
 * A connection of Winsock2 itself: each call is the real one; the portable
 * contract holds above it.
 */
export class Winsock2Connection
  extends AsyncResource
  implements ProviderConnection, DialHost, InboxHost, StandingHost
{
  owner: ConnectionOwner | undefined;

  connectData: ConnectData = noConnectData;
  disconnectExtras: DisconnectExtras | undefined;
  readonly carriesCodes = false;
  /** TCP's keep-alives are the system's. */
  readonly idleLimit = 0;
  failure: Failure | undefined;

  readonly options: Readonly<SocketOptions>;
  readonly inbox: Inbox;
  readonly #source: EntrySource;
  readonly #loop: WinsockLoop;
  readonly #hold: Hold;

  #dial: Dial | undefined;
  #limit: TimeLimit | undefined;
  /** Since it is connected. */
  #standing: Standing | undefined;
  #entry: Entry | undefined;
  #id = -1;
  #isClosed = false;
  #remoteAddress: Address | undefined;

  constructor(source: EntrySource, options: Readonly<SocketOptions>) {
    super('GOODBYTEWINSOCKET');
    this.#source = source;
    this.options = options;
    this.inbox = new Inbox(this, this.messageOriented, options.receiveBuffer);
    this.#loop = theWinsockLoop();
    this.#hold = new Hold(this.#loop);
  }

  entryOf(family: number): Entry | undefined {
    return entryOf(this.#source, family, this.options.socketType);
  }

  get framed(): boolean {
    return carries(this.#source, this.#entry, XP1_DISCONNECT_DATA);
  }

  // -- setup, as a caller ---------------------------------------------------

  connect(target: ConnectTarget, parameters: ConnectParameters): Status {
    if (this.#isClosed) return WSAENOTSOCK;
    if (this.#dial) return WSAEALREADY;
    if (this.#standing) return WSAEISCONN;
    this.failure = undefined;
    const unable =
      unfit(this.#source, target) ?? this.#unfitParameters(parameters);
    if (unable) {
      this.failure = unable;
      return unable.status;
    }
    this.#dial = new Dial(
      this.#loop,
      target as TcpTarget,
      this.#takesConnectData
        ? parameters
        : { ...parameters, calleeDataLimit: 0 },
      CONNECTION_EVENTS,
      this,
    );
    this.#startTimer();
    this.#hold.open();
    const failure = this.#dial.start();
    if (!failure) return WSAEWOULDBLOCK;
    this.#endDial(failure);
    return failure.status;
  }

  get #takesConnectData(): boolean {
    return takes(this.#source, this.options.socketType, XP1_CONNECT_DATA);
  }

  #unfitParameters(parameters: ConnectParameters): Failure | undefined {
    const { callerData, callerOptions } = parameters;
    const length = Math.max(
      callerData?.length ?? 0,
      callerOptions?.length ?? 0,
    );
    if (length > MOST_USER_DATA) return { status: WSAEFAULT };
    if (length === 0 || this.#takesConnectData) return undefined;
    return {
      status: WSAEPROTONOSUPPORT,
      detail: `the provider declares no connect data (XP1_CONNECT_DATA); ${REMEDY}`,
    };
  }

  onconnected(id: number, entry: Entry): void {
    this.#dial = undefined;
    this.#stopTimer();
    const standing = this.#stand(id, entry);
    const { native } = this.#loop;
    const [calleeData] = native.calleeData(id);
    this.connectData = {
      ...noConnectData,
      calleeData,
      calleeOptions: entry.declares(XP1_CONNECT_DATA)
        ? new Options(native, id).octets(SO_CONNOPT)
        : undefined,
      sqos: decodeQos(native.qos(id)),
    };
    this.owner?.onConnected();
    standing.begin();
  }

  onfailed(failure: Failure): void {
    this.#endDial(failure);
    this.owner?.onConnectFailed(failure);
  }

  #endDial(failure: Failure): void {
    this.#dial = undefined;
    this.#stopTimer();
    this.#hold.close();
    this.failure = failure;
  }

  #onTimeout(): void {
    this.#dial?.abandon();
    this.onfailed({
      status: WSAETIMEDOUT,
      detail: `no verdict within ${this.options.connectTimeout} ms`,
    });
  }

  #startTimer(): void {
    const { connectTimeout } = this.options;
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

  #stand(id: number, entry: Entry): Standing {
    this.#id = id;
    this.#entry = entry;
    this.#loop.register(id, this);
    this.#hold.open();
    this.#standing = new Standing(this.#loop, id, this);
    return this.#standing;
  }

  // -- setup, as a callee ---------------------------------------------------

  /** It came in at a listener, and was accepted. */
  answer(id: number, entry: Entry, caller: Address, said: ConnectData): void {
    const standing = this.#stand(id, entry);
    this.#remoteAddress = caller;
    this.connectData = said;
    // Not before the accepting side has set its owner.
    process.nextTick(begin, standing);
  }

  // -- events of Winsock -----------------------------------------------------

  onNetworkEvents(events: number, errors: Int32Array): void {
    this.runInAsyncScope(() => {
      this.#standing?.onNetworkEvents(events, errors);
    });
  }

  get receiveStatus(): Status {
    return this.#open ? 0 : this.#notConnected;
  }

  onReadable(): void {
    this.owner?.onReadable();
  }

  onClosed(status: Status): void {
    this.owner?.onClosed(status);
  }

  pauseTransport(): void {
    this.#standing?.pause();
  }

  resumeTransport(): void {
    this.#standing?.resume();
  }

  // -- events of its standing part -------------------------------------------

  get messageOriented(): boolean {
    return this.options.socketType === SOCK_SEQPACKET;
  }

  get carriesLastWord(): boolean {
    return this.#entry?.declares(XP1_DISCONNECT_DATA) === true;
  }

  onWritable(): void {
    this.owner?.onWritable();
  }

  onFailure(failure: Failure): void {
    this.failure = failure;
  }

  onReleased(): void {
    this.#hold.close();
    this.#id = -1;
    this.owner?.onReleased();
    this.owner = undefined;
    this.emitDestroy();
  }

  // -- data -----------------------------------------------------------------

  get #notConnected(): Status {
    return this.#isClosed ? WSAENOTSOCK : WSAENOTCONN;
  }

  /** `undefined` once it is closed: it continues in the background then. */
  get #open(): Standing | undefined {
    return this.#isClosed ? undefined : this.#standing;
  }

  send(
    data: Uint8Array | readonly Uint8Array[],
    done?: Done,
    isLast = false,
  ): Status {
    return this.#open?.send(data, done, isLast) ?? this.#notConnected;
  }

  get unsent(): number {
    return this.#standing?.unsent ?? 0;
  }

  get outstanding(): number {
    return this.#standing?.outstanding ?? 0;
  }

  // -- teardown -------------------------------------------------------------

  /** A provider does not report its peer's limits: it refuses longer data. */
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
    const standing = this.#open;
    if (!standing) return this.#notConnected;
    if (data?.length && !this.framed) {
      this.failure = {
        status: WSAENOPROTOOPT,
        detail: `the provider declares no disconnect data (XP1_DISCONNECT_DATA); ${REMEDY}`,
      };
      return WSAENOPROTOOPT;
    }
    return standing.sendDisconnect(data, this.disconnectExtras?.options, done);
  }

  get receivedExtras(): DisconnectExtras | undefined {
    const options = this.#standing?.receivedDisconnectOptions;
    return options && { options };
  }

  /** The provider does not report the peer's limits. */
  get messageLimit(): number {
    return Number.POSITIVE_INFINITY;
  }

  get lingerTimeout(): number {
    return this.options.lingerTimeout;
  }

  close(linger?: number): Status {
    if (this.#isClosed) {
      if (linger === 0) this.#standing?.close(0, undefined);
      return WSAENOTSOCK;
    }
    this.#isClosed = true;
    this.#stopTimer();
    this.#dial?.abandon();
    if (this.#standing) {
      this.#standing.close(linger, this.disconnectExtras?.options);
    } else {
      this.onReleased();
    }
    return 0;
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

  get medium(): ProviderMedium {
    return this.#standing && this.#id >= 0
      ? new Options(this.#loop.native, this.#id)
      : noMedium;
  }

  ref(): void {
    this.#hold.ref();
  }

  unref(): void {
    this.#hold.unref();
  }
}

function begin(standing: Standing): void {
  standing.begin();
}
