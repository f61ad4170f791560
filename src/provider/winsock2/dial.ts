import { isIP } from 'node:net';
import { getSystemErrorMap } from 'node:util';
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
import type { ConnectParameters, Failure, TcpTarget } from '../provider.js';
import { resolve, together, type Candidate } from '../resolve.js';
import type { Entry } from './entries.js';
import type { NetworkEventTarget, WinsockLoop } from './loop.js';
import { Options } from './options.js';
import { encodeQos } from './qos.js';

/** Hears how a connect ends, once, and then of the connection. */
export interface DialHost extends NetworkEventTarget {
  /** Makes a socket of a family; `undefined`: not supported. */
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
  /** Of each address that has failed ... */
  readonly #errors: Error[] = [];
  readonly #statuses: Status[] = [];
  /** ... and what came with a refusal. */
  #rejectData: Uint8Array | undefined;
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
   * Starts: at once where the target is an address and nobody is told of each
   * attempt; else in a later tick, as `net`.
   *
   * @returns why that has failed already; then nothing is told.
   */
  start(): Failure | undefined {
    const { host = 'localhost', lookup, onprogress } = this.#target;
    const family = isIP(host) as 0 | 4 | 6;
    if (family !== 0 && !lookup) {
      const candidates = [{ address: host, family }];
      if (!onprogress) return this.#tryAll(candidates);
      process.nextTick(tryAll, this, candidates);
      return undefined;
    }
    resolve(
      this.#target,
      (event, ...about) => {
        this.#tell(event, ...about);
      },
      (error, candidates) => {
        if (this.#isOver) return;
        if (error) {
          this.#fail({ status: statusOfNodeError(error), cause: error });
        } else {
          this.tryAll(candidates);
        }
      },
    );
    return undefined;
  }

  tryAll(candidates: readonly Candidate[]): void {
    if (this.#isOver) return;
    const failure = this.#tryAll(candidates);
    if (failure) this.#fail(failure);
  }

  #tryAll(candidates: readonly Candidate[]): Failure | undefined {
    // A family without a socket is tried only where there is nothing else.
    const possible = candidates.filter(({ family }) => this.#entryOf(family));
    this.#candidates = [...(possible.length > 0 ? possible : candidates)];
    return this.#tryNext();
  }

  #entryOf(family: 4 | 6): Entry | undefined {
    return this.#host.entryOf(family === 4 ? AF_INET : AF_INET6);
  }

  /** Who hears it may abandon all of it. */
  #tell(event: string, ...about: unknown[]): void {
    if (!this.#isOver) this.#target.onprogress?.(event, ...about);
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

  /** @returns why all addresses have failed, if none is left. */
  #tryNext(): Failure | undefined {
    while (!this.#isOver) {
      this.#tried = this.#candidates.shift();
      if (!this.#tried) {
        this.#isOver = true;
        return this.#failure;
      }
      const status = this.#try(this.#tried);
      if (this.#isOver || status === WSAEWOULDBLOCK) return undefined;
      if (status === 0) {
        // FD_CONNECT may come as well, for nobody; who asked hears it later.
        process.nextTick(connected, this);
        return undefined;
      }
      this.#note(status);
    }
    return undefined;
  }

  /** Of several addresses, what `net` fails with: all of it. */
  get #failure(): Failure {
    const failure = {
      status: this.#statuses[0]!,
      rejectData: this.#rejectData,
    };
    return this.#errors.length > 1
      ? { ...failure, cause: together(this.#errors) }
      : failure;
  }

  #try({ address, family }: Candidate): Status {
    const { localAddress, localPort = 0, port } = this.#target;
    const entry = this.#entryOf(family);
    if (!entry) return WSAEAFNOSUPPORT;
    const { native } = this.#loop;
    const id = entry.open(this.#mask | FD_CONNECT);
    if (id < 0) return -id;
    this.#id = id;
    this.#entry = entry;
    this.#loop.register(id, this);
    this.#tell('connectionAttempt', address, port, family);
    // Closed, and its id may be another's by now.
    if (this.#isOver) return WSAEWOULDBLOCK;
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

  /** Notes that an attempt failed. */
  #note(status: Status): void {
    const { port } = this.#target;
    const { address, family } = this.#tried!;
    if (this.#id >= 0) {
      const [data] = this.#loop.native.calleeData(this.#id);
      this.#rejectData = data ?? this.#rejectData;
    }
    const error = connectError(status, address, port);
    this.#statuses.push(status);
    this.#errors.push(error);
    this.#drop();
    this.#tell('connectionAttemptFailed', address, port, family, error);
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
    // Events of the connection since then.
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

function tryAll(dial: Dial, candidates: readonly Candidate[]): void {
  dial.tryAll(candidates);
}

/** Node's error for a status, in Node's words. */
function connectError(status: Status, address: string, port: number): Error {
  const code = nodeErrorCode(status);
  const [errno] =
    [...getSystemErrorMap()].find(([, [name]]) => name === code) ?? [];
  return Object.assign(new Error(`connect ${code} ${address}:${port}`), {
    ...(errno !== undefined && { errno }),
    code,
    syscall: 'connect',
    address,
    port,
  });
}
