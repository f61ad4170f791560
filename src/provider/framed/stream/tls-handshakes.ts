import { Socket as NetSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Server as TlsServer, TLSSocket } from 'node:tls';
import { TimeLimit } from '../../../time-limit.js';
import {
  WSAECONNRESET,
  WSAETIMEDOUT,
  statusOfNodeError,
} from '../../../vocabulary/error-codes.js';
import type { Address, Failure } from '../../provider.js';
import type { ServerSink } from '../listener.js';
import { timeLeft, type Handshake, type Place } from '../places.js';
import { nowhere } from '../handshake/request.js';
import { remoteAddressOf, tellEnds, toldEnds } from './address.js';
import { takeStream } from './given.js';

/** One TLS handshake, in the connection that it encrypts. */
class TlsHandshake implements Handshake {
  readonly raw: NetSocket;
  readonly callerId: Address;
  readonly #sink: ServerSink;
  #limit: TimeLimit | undefined;
  place: Place | undefined;

  constructor(sink: ServerSink, raw: NetSocket) {
    this.#sink = sink;
    this.raw = raw;
    this.callerId = remoteAddressOf(raw) ?? nowhere;
  }

  /**
   * @param place its place.
   * @param milliseconds its limit, including the work before; 0: no limit.
   */
  begin(place: Place, milliseconds: number): void {
    this.place = place;
    place.since ??= performance.now();
    if (milliseconds === 0) return;
    const { raw } = this;
    const onover = () => {
      const detail = `the TLS handshake was not finished within ${milliseconds} ms`;
      this.fail({ status: WSAETIMEDOUT, detail });
      raw.destroy();
    };
    const left = timeLeft(place, milliseconds);
    this.#limit = new TimeLimit<void>(
      left,
      onover,
      undefined,
      () => raw.bytesRead,
    );
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

/** The stream below Node's TLSSocket; not every runtime shows it. */
type WithParent = TLSSocket & { _parent?: unknown };

/**
 * The TLS handshakes at a server. Each has a place among the pending ones, and
 * is reported if it fails.
 *
 * Those inside a Duplex that is not a Node socket have only Node's time limit:
 * Node does not say in which of them a TLS socket runs.
 */
export class TlsHandshakes {
  readonly #sink: ServerSink;
  readonly #milliseconds: number;
  readonly #server: TlsServer;
  readonly #underWay = new Map<NetSocket, TlsHandshake>();
  /** The same by TCP's addresses, if the runtime offers no more. */
  readonly #named = new Map<string, TlsHandshake>();
  /** The place of the connection that is being accepted. */
  #place: Place | undefined;

  /** @param milliseconds the limit for each; 0: no limit. */
  constructor(sink: ServerSink, milliseconds: number, server: TlsServer) {
    this.#sink = sink;
    this.#milliseconds = milliseconds;
    this.#server = server;
    server.on('connection', (raw: Duplex) => {
      this.#onConnection(raw);
    });
    server.on('secureConnection', (stream: TLSSocket) => {
      this.#onSecure(stream);
    });
    server.on('tlsClientError', (cause: Error, stream: TLSSocket) => {
      this.#onError(cause, stream);
    });
  }

  /** @param place of the work before, which is done. */
  take(raw: NetSocket, place: Place | undefined): void {
    this.#place = place;
    // Node accepts a connection this way (tls.Server, event 'connection').
    this.#server.emit('connection', raw);
    this.#place = undefined;
  }

  #onConnection(raw: Duplex): void {
    const given = this.#place;
    const { places } = this.#sink;
    if (!isFound(raw)) {
      if (given) places.free(given);
      return;
    }
    const handshake = new TlsHandshake(this.#sink, raw);
    const place = places.take(handshake, handshake, given);
    if (!place) {
      handshake.giveWay();
      return;
    }
    handshake.begin(place, this.#milliseconds);
    const name = nameOf(raw);
    this.#underWay.set(raw, handshake);
    if (name !== undefined) this.#named.set(name, handshake);
    raw.once('close', () => {
      this.#forget(handshake, name);
      handshake.onClosed();
    });
  }

  #forget(handshake: TlsHandshake, name: string | undefined): void {
    this.#underWay.delete(handshake.raw);
    // It may have a new owner by now.
    if (name !== undefined && this.#named.get(name) === handshake) {
      this.#named.delete(name);
    }
  }

  #onSecure(stream: TLSSocket): void {
    const handshake = this.#take(stream);
    // Not before: a caller that ends inside the handshake has to be released.
    stream.allowHalfOpen = true;
    this.#sink.onConnection(takeStream(stream), handshake?.leave());
  }

  #onError(cause: Error, stream: TLSSocket): void {
    const handshake = this.#take(stream);
    const failure = { status: statusOfNodeError(cause), cause };
    if (handshake) {
      handshake.fail(failure);
    } else if (!parentOf(stream) && (tellsParent || nameOf(stream))) {
      // A closed socket has reported its own end.
      const callerId = remoteAddressOf(stream) ?? nowhere;
      this.#sink.onHandshakeFailure(failure, callerId);
    }
    // Node leaves that to listeners: a handshake that times out would stay open
    // for ever.
    stream.destroy();
  }

  /** The handshake of a TLS socket, which is over. */
  #take(stream: TLSSocket): TlsHandshake | undefined {
    const name = nameOf(stream);
    const handshake =
      this.#underWay.get(parentOf(stream) ?? stream) ??
      (name === undefined ? undefined : this.#named.get(name));
    if (!handshake) return undefined;
    this.#forget(handshake, name);
    // The ends that a proxy stated apply to the TLS stream inside, too.
    const ends = toldEnds(handshake.raw);
    if (ends) tellEnds(stream, ends);
    return handshake;
  }
}

const tellsParent = !process.versions['bun'];

function parentOf(stream: TLSSocket): NetSocket | undefined {
  const { _parent: parent } = stream as WithParent;
  return parent instanceof NetSocket ? parent : undefined;
}

/** The stream below TLS can be found from its TLS socket. */
function isFound(raw: Duplex): raw is NetSocket {
  return raw instanceof NetSocket && (tellsParent || nameOf(raw) !== undefined);
}

/** The same for a TLS socket and for the TCP connection that it runs in. */
function nameOf(stream: NetSocket): string | undefined {
  return stream.remotePort === undefined
    ? undefined
    : `${stream.remoteAddress} ${stream.remotePort}`;
}
