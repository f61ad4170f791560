import type { Socket as NetSocket } from 'node:net';
import type { Server as TlsServer, TLSSocket } from 'node:tls';
import { TimeLimit } from '../../../time-limit.js';
import {
  WSAECONNRESET,
  WSAETIMEDOUT,
  statusOfNodeError,
} from '../../../vocabulary/error-codes.js';
import type { Address, Failure } from '../../provider.js';
import type { ServerSink } from '../listener.js';
import type { Handshake, Place } from '../places.js';
import { nowhere } from '../handshake/request.js';
import { remoteAddressOf, tellEnds, toldEnds } from './address.js';
import { takeStream } from './given.js';

/** One handshake of TLS, in the connection that it is to encrypt. */
class TlsHandshake implements Handshake {
  readonly raw: NetSocket;
  readonly callerId: Address;
  readonly #sink: ServerSink;
  readonly #limit: TimeLimit | undefined;
  place: Place | undefined;

  /** @param milliseconds that it may take; 0: no limit. */
  constructor(sink: ServerSink, raw: NetSocket, milliseconds: number) {
    this.#sink = sink;
    this.raw = raw;
    this.callerId = remoteAddressOf(raw) ?? nowhere;
    if (milliseconds > 0) {
      const onover = () => {
        const detail = `the TLS handshake was not finished within ${milliseconds} ms`;
        this.fail({ status: WSAETIMEDOUT, detail });
        raw.destroy();
      };
      this.#limit = new TimeLimit(milliseconds, onover, () => raw.bytesRead);
    }
  }

  get remoteAddress(): Address {
    return this.callerId;
  }

  /** It is over. @returns its place, if it had one. */
  leave(): Place | undefined {
    this.#limit?.stop();
    const { place } = this;
    this.place = undefined;
    return place;
  }

  /** Unless it is over. */
  fail(failure: Failure): void {
    const place = this.leave();
    if (!place) return;
    this.#sink.places.free(place);
    this.#sink.onHandshakeFailure(failure, this.callerId);
  }

  onClosed(): void {
    if (this.place && this.raw.bytesRead === 0) {
      this.#sink.places.free(this.leave()!);
      this.#sink.onProbe();
    } else {
      const detail = 'the connection ended inside the TLS handshake';
      this.fail({ status: WSAECONNRESET, detail });
    }
  }

  giveWay(): void {
    this.leave();
    this.raw.destroy();
  }

  close(): void {
    this.#sink.places.free(this.place!);
    this.giveWay();
  }
}

/**
 * The handshakes of TLS at a server. Each has a place among the pending ones,
 * and is told of when it comes to nothing.
 *
 * Node does not say in which connection a TLS socket runs. Addresses do, but
 * for local sockets: there handshakes are bounded in time only, by Node.
 */
export class TlsHandshakes {
  readonly #sink: ServerSink;
  readonly #milliseconds: number;
  readonly #server: TlsServer;
  readonly #overTcp: boolean;
  readonly #underWay = new Map<string, TlsHandshake>();
  /** The place of the connection that is being accepted. */
  #place: Place | undefined;

  /** @param milliseconds that each may take; 0: no limit. */
  constructor(
    sink: ServerSink,
    milliseconds: number,
    server: TlsServer,
    overTcp: boolean,
  ) {
    this.#sink = sink;
    this.#milliseconds = milliseconds;
    this.#server = server;
    this.#overTcp = overTcp;
    server.on('connection', (raw: NetSocket) => {
      this.#onConnection(raw);
    });
    server.on('secureConnection', (stream: TLSSocket) => {
      this.#onSecure(stream);
    });
    server.on('tlsClientError', (cause: Error, stream: TLSSocket) => {
      this.#onError(cause, stream);
    });
  }

  /** @param place of what has come before, and is done. */
  take(raw: NetSocket, place: Place | undefined): void {
    this.#place = place;
    // That is how Node takes a connection in (tls.Server, event 'connection').
    this.#server.emit('connection', raw);
    this.#place = undefined;
  }

  #onConnection(raw: NetSocket): void {
    const given = this.#place;
    const key = keyOf(raw);
    if (key === undefined) {
      if (given) this.#sink.places.free(given);
      return;
    }
    const { places } = this.#sink;
    const handshake = new TlsHandshake(this.#sink, raw, this.#milliseconds);
    handshake.place = places.take(handshake, handshake, given);
    if (!handshake.place) {
      handshake.giveWay();
      return;
    }
    this.#underWay.set(key, handshake);
    raw.once('close', () => {
      // Its name may have a new owner by now.
      if (this.#underWay.get(key) === handshake) this.#underWay.delete(key);
      handshake.onClosed();
    });
  }

  #onSecure(stream: TLSSocket): void {
    const handshake = this.#take(stream);
    // Not before: a caller that ends inside the handshake has to be let go.
    stream.allowHalfOpen = true;
    this.#sink.onConnection(takeStream(stream), handshake?.leave());
  }

  #onError(cause: Error, stream: TLSSocket): void {
    const handshake = this.#take(stream);
    const failure = { status: statusOfNodeError(cause), cause };
    if (handshake) {
      handshake.fail(failure);
    } else if (!this.#overTcp) {
      // Of a TCP connection that is closed its own end has told.
      const callerId = remoteAddressOf(stream) ?? nowhere;
      this.#sink.onHandshakeFailure(failure, callerId);
    }
    // Node leaves that to whoever listens: a handshake that is too late would
    // stay open for ever.
    stream.destroy();
  }

  /** The handshake of a TLS socket, which is over. */
  #take(stream: TLSSocket): TlsHandshake | undefined {
    const key = keyOf(stream);
    if (key === undefined) return undefined;
    const handshake = this.#underWay.get(key);
    this.#underWay.delete(key);
    // The ends that a proxy stated hold for the TLS stream inside, too.
    const ends = handshake && toldEnds(handshake.raw);
    if (ends) tellEnds(stream, ends);
    return handshake;
  }
}

/** The same for a TLS socket and for the TCP connection that it runs in. */
function keyOf(stream: NetSocket): string | undefined {
  return stream.remotePort === undefined
    ? undefined
    : `${stream.remoteAddress} ${stream.remotePort}`;
}
