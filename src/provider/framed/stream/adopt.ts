import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import { WSAECONNRESET } from '../../../vocabulary/error-codes.js';
import type { ServerSink, StreamAdopter } from '../listener.js';
import { nowhere } from '../handshake/request.js';
import { remoteAddressOf } from './address.js';
import { isOver, takeOver, takeStream } from './given.js';
import { StreamServer, type StreamServerOptions } from './server.js';

/** Takes in the connected Duplexes that somebody gives to a listener. */
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
    if (isOver(given)) {
      // Its caller may have left a moment ago: no reason to throw.
      const callerId = remoteAddressOf(given) ?? nowhere;
      given.destroy();
      process.nextTick(tellOver, this.#sink, callerId);
      return;
    }
    const stream = takeOver(given);
    if (this.#tls) this.#tls.take(stream);
    else this.#sink.onConnection(takeStream(stream));
  }

  close(): void {
    this.#tls?.close();
  }
}

function tellOver(sink: ServerSink, callerId: typeof nowhere): void {
  sink.onHandshakeFailure(
    {
      status: WSAECONNRESET,
      detail: 'the stream had ended before it was adopted',
    },
    callerId,
  );
}
