import { AsyncResource } from 'node:async_hooks';
import {
  createServer as createNetServer,
  type ListenOptions,
  type Server as NetServer,
  type Socket as NetSocket,
} from 'node:net';
import type { Duplex } from 'node:stream';
import type { Server as TlsServer, TlsOptions } from 'node:tls';
import { loadTls } from '../../../on-demand.js';
import { statusOfNodeError } from '../../../vocabulary/error-codes.js';
import type { Address, Failure, ListenTarget } from '../../provider.js';
import type { ServerSink, TransportServer } from '../listener.js';
import type { Place } from '../places.js';
import { withAlpn } from './alpn.js';
import { takeOver, takeStream } from './given.js';
import { ProxyHeaders, type TrustedProxies } from './proxied.js';
import { TlsHandshakes } from './tls-handshakes.js';

/**
 * A last word may be due after the peer's FIN. Frames are written whole, so
 * Nagle's algorithm would only delay them.
 */
const halfOpen = { allowHalfOpen: true, noDelay: true };

/** A TLS server, and the outcome of its handshakes. */
interface Secured {
  server: TlsServer;
  handshakes: TlsHandshakes;
}

export interface StreamServerOptions {
  /** The limit of a handshake in milliseconds; 0: no limit. */
  handshakeTimeout: number;
  allowPlain: boolean;
}

/** Accepts connections through `node:net` or `node:tls`. */
export class StreamServer implements TransportServer {
  readonly #sink: ServerSink;
  readonly #handshakeTimeout: number;
  readonly #allowPlain: boolean;
  #server: NetServer | undefined;

  constructor(
    sink: ServerSink,
    { handshakeTimeout, allowPlain }: StreamServerOptions,
  ) {
    this.#sink = sink;
    this.#handshakeTimeout = handshakeTimeout;
    this.#allowPlain = allowPlain;
  }

  /** Runs TLS inside the streams given to {@link take}. */
  takeOnly(tls: TlsOptions): void {
    this.#server = this.#createTls(tls, true).server;
  }

  take(stream: Duplex): void {
    // Node accepts any Duplex this way (tls.Server, event 'connection').
    this.#server?.emit('connection', stream);
  }

  listen(target: ListenTarget, done: (failure: Failure) => void): void {
    const { tls, proxyProtocol, onlisten: _, ...where } = target;
    const behind = tls && this.#createTls(tls, false);
    const server = proxyProtocol
      ? this.#createProxied(proxyProtocol, behind)
      : (behind?.server ?? this.#createPlain());
    this.#server = server;

    const onfail = (cause: Error) => {
      server.off('listening', onlistening);
      this.#server = undefined;
      done({ status: statusOfNodeError(cause), cause });
    };
    const onlistening = () => {
      server.off('error', onfail);
      server.on('error', (error) => {
        this.#sink.onServerError(error);
      });
      done({ status: 0 });
    };
    server.once('error', onfail);
    server.once('listening', onlistening);
    if ('handle' in where) {
      const { handle, ...options } = where;
      server.listen({ ...options, ...handle } as ListenOptions);
    } else {
      server.listen(where as ListenOptions);
    }
  }

  #createPlain(): NetServer {
    return createNetServer(halfOpen, (stream) => {
      this.#sink.onConnection(takeStream(stream));
    });
  }

  /**
   * Removes a proxy's header from each connection.
   *
   * @param behind runs TLS in the rest; it does not listen itself.
   */
  #createProxied(
    trusted: TrustedProxies,
    behind: Secured | undefined,
  ): NetServer {
    const headers = new ProxyHeaders(
      trusted,
      this.#sink,
      this.#handshakeTimeout,
    );
    // The header's end has no context of its own.
    const context = new AsyncResource('GOODBYTESERVER');
    const take = (raw: NetSocket, place?: Place) => {
      // TLS reads a paused one by itself.
      if (behind) behind.handshakes.take(raw, place);
      else this.#sink.onConnection(takeStream(takeOver(raw)), place);
    };
    return createNetServer(halfOpen, (raw) => {
      headers.take(raw, (place) => {
        context.runInAsyncScope(take, undefined, raw, place);
      });
    });
  }

  /** @param ofAny inside any Duplex; Node has to limit their handshakes. */
  #createTls(options: TlsOptions, ofAny: boolean): Secured {
    const { handshakeTimeout = this.#handshakeTimeout } = options;
    const server = loadTls().createServer({
      ...withAlpn(options, this.#allowPlain),
      // Node's limit ignores input that arrived in time during a busy loop.
      handshakeTimeout: (ofAny && handshakeTimeout) || 2 ** 31 - 1,
      noDelay: true,
    });
    const handshakes = new TlsHandshakes(this.#sink, handshakeTimeout, server);
    return { server, handshakes };
  }

  close(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  get address(): Address | undefined {
    const address = this.#server?.address();
    if (typeof address === 'string') {
      return { family: 'unix', address, port: 0 };
    }
    return address
      ? {
          family: address.family === 'IPv6' ? 'IPv6' : 'IPv4',
          address: address.address,
          port: address.port,
        }
      : undefined;
  }

  ref(): void {
    this.#server?.ref();
  }

  unref(): void {
    this.#server?.unref();
  }
}
