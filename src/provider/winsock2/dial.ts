import { isIP } from 'node:net';
import {
  AF_INET,
  AF_INET6,
  FD_CONNECT,
  FD_CONNECT_BIT,
  SO_CONNOPT,
} from '../../vocabulary/constants.js';
import {
  WSAEADDRNOTAVAIL,
  WSAEAFNOSUPPORT,
  WSAEWOULDBLOCK,
  statusOfNodeError,
  type Status,
} from '../../vocabulary/error-codes.js';
import type { ConnectParameters, Failure, TcpTarget } from '../provider.js';
import { resolve, type Candidate } from '../resolve.js';
import type { Entry } from './entries.js';
import type { NetworkEventTarget, WinsockLoop } from './loop.js';
import { Options } from './options.js';
import { encodeQos } from './qos.js';

/** Hears how a connect ends, once, and then of the connection. */
export interface DialHost extends NetworkEventTarget {
  /** What makes a socket of a family; `undefined`: nothing does. */
  entryOf(family: number): Entry | undefined;
  onconnected(id: number, entry: Entry): void;
  onfailed(failure: Failure): void;
}

/** Tries the addresses of a name, one after the other, with WSAConnect. */
export class Dial implements NetworkEventTarget {
  readonly #loop: WinsockLoop;
  readonly #target: TcpTarget;
  readonly #parameters: ConnectParameters;
  readonly #mask: number;
  readonly #host: DialHost;

  #candidates: Candidate[] = [];
  #tried: Candidate | undefined;
  #id = -1;
  #entry: Entry | undefined;
  #failure: Failure | undefined;
  #isOver = false;

  /** @param mask network events of the connection. */
  constructor(
    loop: WinsockLoop,
    target: TcpTarget,
    parameters: ConnectParameters,
    mask: number,
    host: DialHost,
  ) {
    this.#loop = loop;
    this.#target = target;
    this.#parameters = parameters;
    this.#mask = mask;
    this.#host = host;
  }

  /**
   * Starts, at once where the target is an address and no name.
   *
   * @returns why that has failed already; then nothing is told.
   */
  start(): Failure | undefined {
    const { host = 'localhost', lookup } = this.#target;
    const family = isIP(host);
    if (family !== 0 && !lookup) {
      this.#candidates = [{ address: host, family: family as 4 | 6 }];
      return this.#tryNext();
    }
    resolve(
      this.#target,
      (event, ...about) => {
        this.#target.onprogress?.(event, ...about);
      },
      (error, candidates) => {
        if (this.#isOver) return;
        this.#candidates = candidates;
        const failure = error
          ? { status: statusOfNodeError(error), cause: error }
          : this.#tryNext();
        if (failure) this.#fail(failure);
      },
    );
    return undefined;
  }

  /** Nothing more is told. */
  abandon(): void {
    this.#isOver = true;
    this.#drop();
  }

  #drop(): void {
    if (this.#id < 0) return;
    this.#loop.forget(this.#id);
    this.#loop.native.close(this.#id);
    this.#id = -1;
  }

  #fail(failure: Failure): void {
    this.#isOver = true;
    this.#host.onfailed(failure);
  }

  /** @returns why the last address has failed, if none is left. */
  #tryNext(): Failure | undefined {
    for (;;) {
      this.#tried = this.#candidates.shift();
      if (!this.#tried) {
        this.#isOver = true;
        return this.#failure;
      }
      const status = this.#try(this.#tried);
      if (status === WSAEWOULDBLOCK) return undefined;
      if (status === 0) {
        // FD_CONNECT may come as well, for nobody; who asked hears it later.
        process.nextTick(connected, this);
        return undefined;
      }
      this.#note(status);
    }
  }

  #try({ address, family }: Candidate): Status {
    const { localAddress, localPort = 0, port, onprogress } = this.#target;
    const entry = this.#host.entryOf(family === 4 ? AF_INET : AF_INET6);
    if (!entry) return WSAEAFNOSUPPORT;
    const { native } = this.#loop;
    const id = entry.open(this.#mask | FD_CONNECT);
    if (id < 0) return -id;
    this.#id = id;
    this.#entry = entry;
    this.#loop.register(id, this);
    onprogress?.('connectionAttempt', address, port, family);
    if (localAddress !== undefined || localPort !== 0) {
      const any = family === 4 ? '0.0.0.0' : '::';
      const local = localAddress ?? any;
      if (isIP(local) !== family) return WSAEADDRNOTAVAIL;
      const status = native.bind(id, local, localPort);
      if (status !== 0) return status;
    }
    const { callerOptions, callerData, calleeDataLimit, sqos } =
      this.#parameters;
    if (callerOptions) {
      const status = new Options(native, id).setOctets(
        SO_CONNOPT,
        callerOptions,
      );
      if (status !== 0) return status;
    }
    return native.connect(
      id,
      address,
      port,
      callerData,
      calleeDataLimit,
      encodeQos(sqos),
    );
  }

  /** What was tried has failed. */
  #note(status: Status): void {
    const { port, onprogress } = this.#target;
    const { address, family } = this.#tried!;
    const rejectData =
      this.#id < 0 ? undefined : this.#loop.native.calleeData(this.#id)[0];
    this.#failure = { status, rejectData };
    this.#drop();
    onprogress?.('connectionAttemptFailed', address, port, family);
  }

  onNetworkEvents(events: number, errors: Int32Array): void {
    if ((events & FD_CONNECT) === 0) return;
    const status = errors[FD_CONNECT_BIT]!;
    if (status !== 0) {
      this.#note(status);
      const failure = this.#tryNext();
      if (failure) this.#fail(failure);
      return;
    }
    this.onConnected();
    // What the connection has had since.
    const rest = events & ~FD_CONNECT;
    if (rest !== 0) this.#host.onNetworkEvents(rest, errors);
  }

  onConnected(): void {
    if (this.#isOver) return;
    const id = this.#id;
    this.#id = -1;
    this.#isOver = true;
    this.#host.onconnected(id, this.#entry!);
  }
}

function connected(dial: Dial): void {
  dial.onConnected();
}
