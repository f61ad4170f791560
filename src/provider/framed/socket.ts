import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import { WSAEINVAL, type Status } from '../../vocabulary/error-codes.js';
import type {
  Address,
  ConnectParameters,
  ConnectRequest,
  ConnectTarget,
  Decide,
  Failure,
  ListenTarget,
  ListenerStatistics,
  ProviderSocket,
  SocketOptions,
} from '../provider.js';
import { FramedConnection } from './connection.js';
import type { DialTransport } from './transport.js';

/** The transports, as a framed socket needs them. */
export interface TransportFactory {
  readonly dial: DialTransport;
  createListener(socket: FramedSocket): SocketListener;
}

/** The listening part of a socket. */
export interface SocketListener {
  listen(target: ListenTarget, done: (failure: Failure) => void): void;
  adopt(stream: Duplex, tls: TlsOptions | undefined): Status;
  accept(
    decide: Decide,
    which?: 'new' | ConnectRequest,
  ): ProviderSocket | Status;
  close(): void;
  ref(): void;
  unref(): void;
  readonly address: Address | undefined;
  readonly statistics: ListenerStatistics;
}

/** A socket of the framed provider: a connection, unless it is told to listen. */
export class FramedSocket extends FramedConnection implements ProviderSocket {
  rejectData: Uint8Array | undefined;
  readonly #transports: TransportFactory;
  #listener: SocketListener | undefined;

  constructor(options: Readonly<SocketOptions>, transports: TransportFactory) {
    super(options, transports.dial);
    this.#transports = transports;
  }

  override connect(
    target: ConnectTarget,
    parameters: ConnectParameters,
  ): Status {
    return this.#listener ? WSAEINVAL : super.connect(target, parameters);
  }

  listen(target: ListenTarget, done: (failure: Failure) => void): void {
    if (!this.isUnused || this.#listener) {
      done({ status: WSAEINVAL });
      return;
    }
    this.#listener = this.#transports.createListener(this);
    this.#listener.listen(target, (failure) => {
      if (failure.status !== 0) this.#listener = undefined;
      done(failure);
    });
  }

  adopt(stream: Duplex, tls?: TlsOptions): Status {
    this.#listener ??= this.#transports.createListener(this);
    return this.#listener.adopt(stream, tls);
  }

  accept(
    decide: Decide,
    which?: 'new' | ConnectRequest,
  ): ProviderSocket | Status {
    return this.#listener?.accept(decide, which) ?? WSAEINVAL;
  }

  get statistics(): ListenerStatistics | undefined {
    return this.#listener?.statistics;
  }

  override close(linger?: number, code?: number): Status {
    this.#listener?.close();
    this.#listener = undefined;
    return super.close(linger, code);
  }

  override get localAddress(): Address | undefined {
    return this.#listener?.address ?? super.localAddress;
  }

  override ref(): void {
    this.#listener?.ref();
    super.ref();
  }

  override unref(): void {
    this.#listener?.unref();
    super.unref();
  }
}
