import type { Socket as NetSocket } from 'node:net';
import type { Server as TlsServer, TLSSocket } from 'node:tls';
import {
  WSAECONNRESET,
  statusOfNodeError,
} from '../../../vocabulary/error-codes.js';
import type { ServerSink } from '../listener.js';
import { nowhere } from '../request.js';
import { remoteAddressOf, tellEnds, toldEnds } from './address.js';

/**
 * The handshakes of TLS that are under way at a server. Each holds a place
 * among the pending ones, and is told of when it comes to nothing.
 *
 * Node does not say in which connection a TLS socket runs. Addresses do, but
 * for local sockets: there handshakes are bounded in time only.
 */
export class TlsHandshakes {
  readonly #sink: ServerSink;
  readonly #limit: number;
  readonly #underWay = new Map<string, NetSocket>();

  readonly #overTcp: boolean;

  constructor(sink: ServerSink, limit: number, overTcp: boolean) {
    this.#sink = sink;
    this.#limit = limit;
    this.#overTcp = overTcp;
  }

  watch(server: TlsServer): void {
    server.on('connection', (raw: NetSocket) => {
      this.#onConnection(raw);
    });
    server.on('secureConnection', (stream: TLSSocket) => {
      this.#carryEnds(stream);
      const key = keyOf(stream);
      if (key !== undefined) this.#underWay.delete(key);
    });
    server.on('tlsClientError', (cause: Error, stream: TLSSocket) => {
      this.#onError(cause, stream);
    });
  }

  #onConnection(raw: NetSocket): void {
    const key = keyOf(raw);
    if (key === undefined) return;
    if (this.#underWay.size >= this.#limit) {
      this.#sink.onOverLimit();
      raw.destroy();
      return;
    }
    const callerId = remoteAddressOf(raw) ?? nowhere;
    this.#underWay.set(key, raw);
    raw.once('close', () => {
      if (!this.#underWay.delete(key)) return;
      if (raw.bytesRead === 0) {
        this.#sink.onProbe();
      } else {
        const detail = 'the connection ended inside the TLS handshake';
        this.#sink.onHandshakeFailure(
          { status: WSAECONNRESET, detail },
          callerId,
        );
      }
    });
  }

  /** What a proxy told of the connection, TLS inside of it tells too. */
  #carryEnds(stream: TLSSocket): void {
    const raw = this.#underWay.get(keyOf(stream) ?? '');
    const ends = raw && toldEnds(raw);
    if (ends) tellEnds(stream, ends);
  }

  #onError(cause: Error, stream: TLSSocket): void {
    this.#carryEnds(stream);
    const key = keyOf(stream);
    // Of a TCP connection that is closed its own end has told.
    if (key === undefined && this.#overTcp) return;
    if (key !== undefined) this.#underWay.delete(key);
    this.#sink.onHandshakeFailure(
      { status: statusOfNodeError(cause), cause },
      remoteAddressOf(stream) ?? nowhere,
    );
    // Node leaves that to whoever listens: a handshake that is too late would
    // stay open for ever.
    stream.destroy();
  }

  abortAll(): void {
    for (const raw of this.#underWay.values()) raw.destroy();
    this.#underWay.clear();
  }
}

/** The same for a TLS socket and for the TCP connection that it runs in. */
function keyOf(stream: NetSocket): string | undefined {
  return stream.remotePort === undefined
    ? undefined
    : `${stream.remoteAddress} ${stream.remotePort}`;
}
