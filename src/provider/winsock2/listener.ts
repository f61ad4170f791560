import { AsyncResource } from 'node:async_hooks';
import {
  AF_INET,
  AF_INET6,
  FD_ACCEPT,
  SO_CONNOPT,
  XP1_CONNECT_DATA,
} from '../../vocabulary/constants.js';
import {
  WSAEAFNOSUPPORT,
  WSAEINVAL,
  WSAEOPNOTSUPP,
  statusOfNodeError,
  type Status,
} from '../../vocabulary/error-codes.js';
import type {
  Address,
  ConnectRequest,
  Decide,
  Failure,
  ListenerOwner,
  ListenerStatistics,
  ListenTarget,
  ListenTcpTarget,
  ProviderListener,
  SocketOptions,
} from '../provider.js';
import { resolveLocal } from '../resolve.js';
import { Acceptor, type Accepted, type AcceptorHost } from './acceptor.js';
import { Winsock2Connection } from './connection.js';
import type { Entry } from './entries.js';
import { Hold } from './hold.js';
import {
  theWinsockLoop,
  type NetworkEventTarget,
  type WinsockLoop,
} from './loop.js';
import { Options } from './options.js';
import { addressOf } from './request.js';
import { carries, entryOf, unfit, type EntrySource } from './source.js';
import { CONNECTION_EVENTS } from './standing.js';

/** Node's. */
const DEFAULT_BACKLOG = 511;

/** A socket of Winsock2 that listens. */
export class Winsock2Listener
  extends AsyncResource
  implements ProviderListener, AcceptorHost, NetworkEventTarget
{
  owner: ListenerOwner | undefined;

  readonly #source: EntrySource;
  readonly #options: Readonly<SocketOptions>;
  readonly #loop: WinsockLoop;
  readonly #hold: Hold;

  #entry: Entry | undefined;
  #acceptor: Acceptor | undefined;
  #id = -1;
  #isListening = false;
  #isClosed = false;

  constructor(source: EntrySource, options: Readonly<SocketOptions>) {
    super('GOODBYTEWINSOCKET');
    this.#source = source;
    this.#options = options;
    this.#loop = theWinsockLoop();
    this.#hold = new Hold(this.#loop);
  }

  listen(target: ListenTarget, done: (failure: Failure) => void): void {
    target.onlisten?.();
    if (this.#isListening || this.#isClosed) {
      done({ status: WSAEINVAL });
      return;
    }
    const unable = unfit(this.#source, target);
    if (unable) {
      process.nextTick(done, unable);
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
      const any = this.#entryOf(AF_INET6) ? '::' : '0.0.0.0';
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

  #entryOf(family: number): Entry | undefined {
    return entryOf(this.#source, family, this.#options.socketType);
  }

  #listenAt(address: string, target: ListenTcpTarget): Status {
    const { port, backlog, ipv6Only } = target;
    const isIPv6 = address.includes(':');
    const entry = this.#entryOf(isIPv6 ? AF_INET6 : AF_INET);
    if (!entry) return WSAEAFNOSUPPORT;
    const { native } = this.#loop;
    const id = entry.open(FD_ACCEPT);
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
    this.#hold.open();
    this.#acceptor = new Acceptor(
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

  onNetworkEvents(events: number): void {
    if ((events & FD_ACCEPT) === 0) return;
    this.runInAsyncScope(() => {
      this.onRequest();
    });
  }

  onRequest(): void {
    this.owner?.onRequest();
  }

  get carriesData(): boolean {
    return carries(this.#source, this.#entry, XP1_CONNECT_DATA);
  }

  accept(
    decide: Decide,
    which?: 'new' | ConnectRequest,
  ): Winsock2Connection | Status {
    if (this.#isClosed || !this.#acceptor) return WSAEINVAL;
    const accepted = this.#acceptor.accept(decide, which);
    return typeof accepted === 'number' ? accepted : this.#made(accepted);
  }

  #made({ id, request, verdict }: Accepted): Winsock2Connection {
    const connection = new Winsock2Connection(this.#source, this.#options);
    const { callerData } = request;
    const sqos = verdict.sqos ?? request.sqos;
    const callerOptions = this.carriesData
      ? new Options(this.#loop.native, id).octets(SO_CONNOPT)
      : undefined;
    const calleeData =
      this.carriesData && verdict.data?.length ? verdict.data : undefined;
    connection.answer(id, this.#entry!, request.callerId, {
      callerData,
      callerOptions,
      calleeData,
      calleeOptions: undefined,
      sqos,
    });
    return connection;
  }

  get statistics(): ListenerStatistics {
    return this.#acceptor?.statistics ?? nothingCounted;
  }

  close(rejectData?: Uint8Array): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#acceptor?.close(rejectData);
    this.#hold.close();
    this.#id = -1;
    this.owner = undefined;
    this.emitDestroy();
  }

  get localAddress(): Address | undefined {
    return addressOf(this.#loop.native.localName(this.#id));
  }

  ref(): void {
    this.#hold.ref();
  }

  unref(): void {
    this.#hold.unref();
  }
}

const nothingCounted: ListenerStatistics = {
  pending: 0,
  deferred: 0,
  probes: 0,
  overLimit: 0,
  handshakeTimeouts: 0,
  violations: 0,
  withdrawn: 0,
};
