import {
  createServer as createNetServer,
  type ListenOptions,
  type Server as NetServer,
} from 'node:net';
import type { Duplex } from 'node:stream';
import {
  createServer as createTlsServer,
  type Server as TlsServer,
  type TlsOptions,
} from 'node:tls';
import { statusOfNodeError } from '../../../vocabulary/error-codes.js';
import type { Address, Failure, ListenTarget } from '../../provider.js';
import type { ServerSink, TransportServer } from '../listener.js';
import { withAlpn } from './alpn.js';
import { listenError } from '../../system-errors.js';
import { takeOver, takeStream } from './given.js';
import { isTooLong } from './path-length.js';
import { ProxyHeaders, type TrustedProxies } from './proxied.js';
import { TlsHandshakes } from './tls-handshakes.js';

/**
 * A last word may be due after the peer's FIN. And frames are written whole:
 * there is nothing for Nagle's algorithm to gather, only something to delay.
 */
const halfOpen = { allowHalfOpen: true, noDelay: true };

/** A server that speaks TLS, and what becomes of its handshakes. */
interface Secured {
  server: TlsServer;
  handshakes: TlsHandshakes;
}

export interface StreamServerOptions {
  /** Milliseconds that a handshake may take; 0: no limit. */
  handshakeTimeout: number;
  allowPlain: boolean;
}

/** Takes connections in by `node:net` or `node:tls`. */
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

  /** Has TLS spoken inside of what {@link take} is given. */
  takeOnly(tls: TlsOptions): void {
    this.#server = this.#createTls(tls, true).server;
  }

  take(stream: Duplex): void {
    // That is how Node takes any Duplex in (tls.Server, event 'connection').
    this.#server?.emit('connection', stream);
  }

  listen(target: ListenTarget, done: (failure: Failure) => void): void {
    const { tls, proxyProtocol, onlisten: _, ...where } = target;
    if ('path' in where && isTooLong(where.path)) {
      const { path: address } = where;
      const cause = listenError('ENAMETOOLONG', { address });
      process.nextTick(done, { status: statusOfNodeError(cause), cause });
      return;
    }
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
   * Takes off each connection what a proxy has put in front of it.
   *
   * @param behind speaks TLS in what is left; it does not listen itself.
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
    return createNetServer(halfOpen, (raw) => {
      headers.take(raw, (place) => {
        // TLS reads a paused one by itself.
        if (behind) behind.handshakes.take(raw, place);
        else this.#sink.onConnection(takeStream(takeOver(raw)), place);
      });
    });
  }

  /** @param ofAny inside any Duplex, whose handshakes Node has to limit. */
  #createTls(options: TlsOptions, ofAny: boolean): Secured {
    const { handshakeTimeout = this.#handshakeTimeout } = options;
    const server = createTlsServer({
      ...withAlpn(options, this.#allowPlain),
      // Node's does not look at what has come in time behind a busy loop.
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
