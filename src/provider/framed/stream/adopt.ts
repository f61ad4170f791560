import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import {
  WSAECONNRESET,
  WSAEISCONN,
  type Status,
} from '../../../vocabulary/error-codes.js';
import type { Address, Failure } from '../../provider.js';
import type { ServerSink, StreamAdopter } from '../listener.js';
import { nowhere } from '../handshake/request.js';
import { remoteAddressOf } from './address.js';
import { isOver, isTaken, takeOver, takeStream } from './given.js';
import { StreamServer, type StreamServerOptions } from './server.js';

/** Adopts connected Duplexes for a listener. */
export class Adopter implements StreamAdopter {
  readonly #sink: ServerSink;
  readonly #tls: StreamServer | undefined;

  constructor(
    sink: ServerSink,
    options: StreamServerOptions,
    tls: TlsOptions | undefined,
  ) {
    this.#sink = sink;
    if (tls) {
      this.#tls = new StreamServer(sink, options);
      this.#tls.takeOnly(tls);
    }
  }

  adopt(given: Duplex): void {
    if (isTaken(given)) {
      this.#refuse(
        given,
        WSAEISCONN,
        'the stream carries a connection already',
      );
      return;
    }
    if (isOver(given)) {
      this.#refuse(given, WSAECONNRESET, ENDED);
      given.destroy();
      return;
    }
    const stream = takeOver(given);
    if (this.#tls) this.#tls.take(stream);
    else this.#sink.onConnection(takeStream(stream));
  }

  /** Its caller may have left a moment ago, which must not throw. */
  #refuse(given: Duplex, status: Status, detail: string): void {
    const callerId = remoteAddressOf(given) ?? nowhere;
    process.nextTick(tell, this.#sink, { status, detail }, callerId);
  }

  close(): void {
    this.#tls?.close();
  }
}

function tell(sink: ServerSink, failure: Failure, callerId: Address): void {
  sink.onHandshakeFailure(failure, callerId);
}

const ENDED = 'the stream had ended before it was adopted';
