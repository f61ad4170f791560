import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import { CF_ACCEPT, CF_DEFER, CF_REJECT } from '../../vocabulary/constants.js';
import {
  WSAECONNREFUSED,
  WSAECONNRESET,
  WSAEINVAL,
  WSAENOBUFS,
  WSAETIMEDOUT,
  WSAEWOULDBLOCK,
  WSATRY_AGAIN,
  type Status,
} from '../../vocabulary/error-codes.js';
import type {
  Address,
  ConnectRequest,
  Decide,
  Failure,
  ListenerOwner,
  ListenTarget,
  ListenerStatistics,
  ProviderListener,
  SocketOptions,
} from '../provider.js';
import { Chain } from '../../chain.js';
import { Places, type Place } from './places.js';
import type { Home } from './handshake/callee.js';
import { FramedRequest, nowhere } from './handshake/request.js';
import { FramedConnection } from './connection.js';
import { transportOptions } from './transport-options.js';
import type {
  DialTransport,
  FrameSink,
  FrameTransport,
  TransportOptions,
} from './transport.js';
import { Role } from './wire.js';

/** Accepts connections for a listener. */
export interface TransportServer {
  listen(target: ListenTarget, done: (failure: Failure) => void): void;
  close(): void;
  readonly address: Address | undefined;
  ref(): void;
  unref(): void;
}

export interface ServerSink {
  /** Places also for the work before framing. */
  readonly places: Places;
  /**
   * A connection has come.
   *
   * @param place of the work before framing, which is done.
   */
  onConnection(take: TakeConnection, place?: Place): void;
  onHandshakeFailure(failure: Failure, callerId: Address): void;
  /** A connection was closed before its first octet. */
  onProbe(): void;
  /** Listening itself broke, after it had begun. */
  onServerError(error: Error): void;
}

/** Makes the transport of an incoming connection. */
export type TakeConnection = (
  sink: FrameSink,
  options: TransportOptions,
) => FrameTransport;

/** Adopts Duplexes from the user. */
export interface StreamAdopter {
  adopt(stream: Duplex): void;
  close(): void;
}

/** The means by which a listener takes in connections. */
export interface ListenerTransports {
  /** For incoming connections: a transport that cannot connect. */
  readonly dial: DialTransport;
  createServer(
    target: ListenTarget,
    sink: ServerSink,
    options: Readonly<SocketOptions>,
  ): TransportServer;
  /** @param tls TLS is spoken inside them. */
  createAdopter(
    sink: ServerSink,
    options: Readonly<SocketOptions>,
    tls: TlsOptions | undefined,
  ): StreamAdopter;
}

type Request = FramedRequest<FramedConnection>;

/**
 * A listener of the framed provider: the handshakes under way, and the requests
 * that wait for a verdict, both bounded.
 */
export class FramedListener
  implements ProviderListener, ServerSink, Home<FramedConnection>
{
  owner: ListenerOwner | undefined;
  /** The last word for callers that wait when it closes. */
  rejectData: Uint8Array | undefined;

  readonly #options: Readonly<SocketOptions>;
  readonly #transports: ListenerTransports;
  /** Absent if connections are only adopted. */
  #server: TransportServer | undefined;
  #adopter: StreamAdopter | undefined;
  /** The same for all incoming connections. */
  readonly #transportOptions: TransportOptions;

  readonly places: Places;
  /** Never offered yet, oldest first. */
  readonly #arrived = new Chain<Request>();
  /** Offered, and answered with CF_DEFER, oldest first. */
  readonly #deferred = new Chain<Request>();
  /** Deferred requests whose callers left; accept has yet to report it. */
  #departed = 0;

  #closed = false;
  #probes = 0;
  /** Callers that were refused instead of deferred. */
  #beyondDeferred = 0;
  #handshakeTimeouts = 0;
  #violations = 0;
  #withdrawn = 0;

  constructor(
    options: Readonly<SocketOptions>,
    transports: ListenerTransports,
  ) {
    const { maxPending, maxPendingPerAddress } = options;
    this.places = new Places(maxPending, maxPendingPerAddress);
    this.#options = options;
    this.#transports = transports;
    this.#transportOptions = transportOptions(options, Role.caller);
  }

  get localAddress(): Address | undefined {
    return this.#server?.address;
  }

  get statistics(): ListenerStatistics {
    return {
      pending: this.places.underWay,
      deferred: this.#deferred.size,
      probes: this.#probes,
      overLimit: this.places.overLimit + this.#beyondDeferred,
      handshakeTimeouts: this.#handshakeTimeouts,
      violations: this.#violations,
      withdrawn: this.#withdrawn,
    };
  }

  ref(): void {
    this.#server?.ref();
  }

  unref(): void {
    this.#server?.unref();
  }

  listen(target: ListenTarget, done: (failure: Failure) => void): void {
    if (this.#server || this.#closed) {
      done({ status: WSAEINVAL });
      return;
    }
    this.#transportOptions.refusesProxyHeaders =
      'proxyProtocol' in target && Boolean(target.proxyProtocol);
    this.#server = this.#transports.createServer(target, this, this.#options);
    this.#server.listen(target, done);
  }

  adopt(stream: Duplex, tls?: TlsOptions): Status {
    this.#adopter ??= this.#transports.createAdopter(this, this.#options, tls);
    this.#adopter.adopt(stream);
    return 0;
  }

  close(rejectData?: Uint8Array): void {
    this.rejectData = rejectData;
    this.#closed = true;
    this.#server?.close();
    this.#adopter?.close();
    this.places.close();
    for (const request of this.#arrived) request.connection.close();
    for (const request of this.#deferred) request.connection.close();
  }

  accept(
    decide: Decide,
    which?: 'new' | ConnectRequest,
  ): FramedConnection | Status {
    if (this.#closed || !(this.#server ?? this.#adopter)) return WSAEINVAL;
    const request = this.#choose(which);
    if (typeof request === 'number') return request;
    if (request.withdrawn) return WSAECONNRESET;

    const verdict = decide(request);

    // The application may have done anything meanwhile.
    if (request.withdrawn) return WSAECONNRESET;
    switch (verdict.verdict) {
      case CF_ACCEPT: {
        const status = request.connection.decide(verdict, true);
        if (status !== 0) return status;
        this.#forget(request);
        return request.connection;
      }
      case CF_REJECT: {
        const status = request.connection.decide(verdict, false);
        if (status !== 0) return status;
        this.#forget(request);
        return WSAECONNREFUSED;
      }
      case CF_DEFER:
        return this.#defer(request);
      default:
        return WSAEINVAL;
    }
  }

  #choose(which?: 'new' | ConnectRequest): Request | Status {
    if (which instanceof FramedRequest) return which;
    if (which === undefined && this.#departed > 0) {
      this.#departed--;
      return WSAECONNRESET;
    }
    const deferred = which === undefined ? this.#deferred.first : undefined;
    return deferred ?? this.#arrived.first ?? WSAEWOULDBLOCK;
  }

  #defer(request: Request): Status {
    if (request.deferred) return WSATRY_AGAIN;
    if (this.#deferred.size >= this.#options.maxDeferred) {
      this.#beyondDeferred++;
      request.connection.decide({ verdict: CF_REJECT }, false);
      this.#forget(request);
      return WSAENOBUFS;
    }
    request.deferred = true;
    this.#arrived.delete(request);
    this.#freePlace(request.connection);
    this.#deferred.add(request);
    return WSATRY_AGAIN;
  }

  #forget(request: Request): void {
    this.#arrived.delete(request);
    this.#deferred.delete(request);
    this.#freePlace(request.connection);
  }

  // -- incoming connections ---------------------------------------------------

  onConnection(take: TakeConnection, given?: Place): void {
    const connection = new FramedConnection(
      this.#options,
      this.#transports.dial,
    );
    const transport = take(connection, this.#transportOptions);
    const place = this.#closed
      ? undefined
      : this.places.take(connection, transport, given);
    if (!place) {
      transport.detach();
      transport.reset();
      return;
    }
    connection.place = place;
    connection.answer(this, transport);
  }

  /** @returns whether its handshake was under way. */
  #freePlace(connection: FramedConnection): boolean {
    const { place } = connection;
    connection.place = undefined;
    return place !== undefined && this.places.free(place);
  }

  /** The work before framing has failed. */
  onHandshakeFailure(failure: Failure, callerId: Address): void {
    if (failure.status === WSAETIMEDOUT) this.#handshakeTimeouts++;
    else if (failure.violation !== undefined) this.#violations++;
    this.owner?.onHandshakeFailure(failure, callerId);
  }

  onProbe(): void {
    this.#probes++;
  }

  onServerError(error: Error): void {
    this.owner?.onListenError(error);
  }

  /** A CONNECT has come. */
  onRequest({ place }: FramedConnection, request: Request): void {
    if (place) this.places.settle(place);
    this.#arrived.add(request);
    this.owner?.onRequest();
  }

  /** The caller of a handshake, or of a request, has left. */
  onWithdrawn(
    connection: FramedConnection,
    request: Request | undefined,
  ): void {
    if (!this.#forgetHandshake(connection, request)) return;
    if (!request && !connection.prefaceSeen) this.#probes++;
    else this.#withdrawn++;
    if (request) this.#tellDeparture(request);
  }

  /** A handshake, or a verdict, took too long. */
  onExpired(connection: FramedConnection, request: Request | undefined): void {
    if (!this.#forgetHandshake(connection, request)) return;
    this.#handshakeTimeouts++;
    if (request) {
      this.#withdrawn++;
      this.#tellDeparture(request);
    } else {
      this.#tellFailure(connection);
    }
  }

  /** A handshake broke a rule. */
  onDisqualified(connection: FramedConnection): void {
    if (!this.#forgetHandshake(connection, undefined)) return;
    this.#violations++;
    this.#tellFailure(connection);
  }

  /** It was refused by this side. */
  onDismissed(
    connection: FramedConnection,
    request: Request | undefined,
  ): void {
    if (!this.#forgetHandshake(connection, request) || !request) return;
    this.#withdrawn++;
    request.onwithdrawn?.();
  }

  /**
   * @returns whether it was there; a handshake that gave way is already
   *  counted.
   */
  #forgetHandshake(
    connection: FramedConnection,
    request: Request | undefined,
  ): boolean {
    const wasUnderWay = this.#freePlace(connection);
    if (!request) return wasUnderWay;
    request.withdrawn = true;
    this.#forget(request);
    return true;
  }

  #tellDeparture(request: Request): void {
    if (request.onwithdrawn) {
      request.onwithdrawn();
    } else if (request.deferred) {
      this.#departed++;
      this.owner?.onRequest();
    }
  }

  #tellFailure({ failure, remoteAddress }: FramedConnection): void {
    if (!failure) return;
    this.owner?.onHandshakeFailure(failure, remoteAddress ?? nowhere);
  }
}
