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
  nodeErrorCode,
  statusOfNodeError,
  type Status,
} from '../../vocabulary/error-codes.js';
import { Attempts, type Dialer } from '../attempts.js';
import type { ConnectParameters, Failure, TcpTarget } from '../provider.js';
import type { Candidate } from '../resolve.js';
import type { Entry } from './entries.js';
import type { NetworkEventTarget, WinsockLoop } from './loop.js';
import { Options } from './options.js';
import { encodeQos } from './qos.js';

/** Receives a connect's outcome, once, and then the connection's events. */
export interface DialHost extends NetworkEventTarget {
  /** Makes a socket of a family; `undefined`: not supported. */
  entryOf(family: number): Entry | undefined;
  onconnected(id: number, entry: Entry): void;
  onfailed(failure: Failure): void;
}

/** Tries the addresses of a name, one after the other, with WSAConnect. */
export class Dial implements NetworkEventTarget, Dialer {
  readonly #loop: WinsockLoop;
  readonly #target: TcpTarget;
  readonly #parameters: ConnectParameters;
  readonly #mask: number;
  readonly #host: DialHost;
  readonly #attempts: Attempts;

  #id = -1;
  #entry: Entry | undefined;
  /** The error of the first failed address ... */
  #status: Status | undefined;
  /** ... and the data of the last refusal. */
  #rejectData: Uint8Array | undefined;

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
    // WSAConnect takes as long as the callee's verdict.
    this.#attempts = new Attempts(target, this, false);
  }

  /**
   * Starts: at once if the target is an address and no listener follows the
   * attempts; else in a later tick, as `net` does.
   *
   * @returns the error of an immediate failure; then nothing else is reported.
   */
  start(): Failure | undefined {
    const error = this.#attempts.start(!this.#target.onprogress);
    return error && this.#failureOf(error);
  }

  /** Nothing more is reported. */
  abandon(): void {
    this.#attempts.abandon();
  }

  #entryOf(family: 4 | 6): Entry | undefined {
    return this.#host.entryOf(family === 4 ? AF_INET : AF_INET6);
  }

  supports(family: 4 | 6): boolean {
    return this.#entryOf(family) !== undefined;
  }

  connect(candidate: Candidate): Error | undefined {
    const status = this.#connect(candidate);
    if (status === 0) {
      // FD_CONNECT may come as well, and is ignored; the owner gets the outcome
      // later.
      process.nextTick(connected, this);
    } else if (status !== WSAEWOULDBLOCK) {
      return this.#errorOf(status);
    }
    return undefined;
  }

  #connect({ address, family }: Candidate): Status {
    const entry = this.#entryOf(family);
    if (!entry) return WSAEAFNOSUPPORT;
    const { native } = this.#loop;
    const id = entry.open(this.#mask | FD_CONNECT);
    if (id < 0) return -id;
    this.#id = id;
    this.#entry = entry;
    this.#loop.register(id, this);
    const { local } = this.#attempts;
    if (local) {
      if (isIP(local.address) !== family) return WSAEADDRNOTAVAIL;
      const status = native.bind(id, local.address, local.port);
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
      this.#target.port,
      callerData,
      calleeDataLimit,
      encodeQos(sqos),
    );
  }

  /** Returns an address's error, and notes it. */
  #errorOf(status: Status): Error {
    if (this.#id >= 0) {
      const [data] = this.#loop.native.calleeData(this.#id);
      this.#rejectData = data ?? this.#rejectData;
    }
    this.#status ??= status;
    return this.#attempts.errorOf(nodeErrorCode(status));
  }

  /** For several addresses, `net`'s error with all of them. */
  #failureOf(error: Error): Failure {
    // If no address was tried, the error is the name's.
    if (this.#status === undefined) {
      return { status: statusOfNodeError(error), cause: error };
    }
    const failure = { status: this.#status, rejectData: this.#rejectData };
    return error instanceof AggregateError
      ? { ...failure, cause: error }
      : failure;
  }

  drop(): void {
    if (this.#id < 0) return;
    this.#loop.forget(this.#id);
    this.#loop.native.close(this.#id);
    this.#id = -1;
  }

  onfailed(error: Error): void {
    this.#host.onfailed(this.#failureOf(error));
  }

  onNetworkEvents(events: number, errors: Int32Array): void {
    if ((events & FD_CONNECT) === 0) return;
    const status = errors[FD_CONNECT_BIT]!;
    if (status !== 0) {
      this.#attempts.fail(this.#errorOf(status));
      return;
    }
    this.onConnected();
    // Events of the connection since then.
    const rest = events & ~FD_CONNECT;
    if (rest !== 0) this.#host.onNetworkEvents(rest, errors);
  }

  onConnected(): void {
    if (!this.#attempts.succeed()) return;
    const id = this.#id;
    this.#id = -1;
    this.#host.onconnected(id, this.#entry!);
  }
}

function connected(dial: Dial): void {
  dial.onConnected();
}
