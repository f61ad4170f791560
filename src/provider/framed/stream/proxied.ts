import type { BlockList, Socket as NetSocket } from 'node:net';
import { isListed } from '../../../address-list.js';
import { resetTcp } from '../../../tcp-reset.js';
import { TimeLimit } from '../../../time-limit.js';
import {
  WSAEPROTONOSUPPORT,
  WSAETIMEDOUT,
} from '../../../vocabulary/error-codes.js';
import type { Failure } from '../../provider.js';
import type { ServerSink } from '../listener.js';
import type { Place } from '../places.js';
import { nowhere } from '../handshake/request.js';
import { remoteAddressOf, tellEnds } from './address.js';
import { readProxyHeader, type ProxyHeader } from './proxy-header.js';

/** The addresses whose PROXY header is believed, or all. */
export type TrustedProxies = true | BlockList;

/**
 * Removes the PROXY header from each connection that comes through a proxy. A
 * connection whose header is under way has a place among the pending ones.
 */
export class ProxyHeaders {
  readonly #trusted: TrustedProxies;
  readonly #sink: ServerSink;
  readonly #milliseconds: number;

  /** @param milliseconds the limit for each; 0: no limit. */
  constructor(trusted: TrustedProxies, sink: ServerSink, milliseconds: number) {
    this.#trusted = trusted;
    this.#sink = sink;
    this.#milliseconds = milliseconds;
  }

  /**
   * @param done is called when the header has been removed, with its place; or
   *  if no header will come.
   */
  take(raw: NetSocket, done: (place?: Place) => void): void {
    const { remoteAddress = '' } = raw;
    const isProxy =
      this.#trusted === true || isListed(this.#trusted, remoteAddress);
    if (!isProxy) {
      done();
      return;
    }
    const { places } = this.#sink;
    const milliseconds = this.#milliseconds;
    const end = () => {
      leave();
      resetTcp(raw);
    };
    // It counts to no address's share: its address is the proxy's.
    const place = places.take({
      giveWay: end,
      close() {
        places.free(place!);
        end();
      },
    });
    if (!place) {
      resetTcp(raw);
      return;
    }
    place.since = performance.now();
    const callerId = remoteAddressOf(raw) ?? nowhere;
    let come = Buffer.alloc(0);

    const turnAway = (failure: Failure) => {
      places.free(place);
      end();
      this.#sink.onHandshakeFailure(failure, callerId);
    };
    const violate = (what: string) => {
      const violation = 'proxy-header';
      const detail = `${violation}: ${what}`;
      turnAway({ status: WSAEPROTONOSUPPORT, violation, detail });
    };
    const ondata = (chunk: Buffer) => {
      come = Buffer.concat([come, chunk]);
      let header: ProxyHeader | undefined;
      try {
        header = readProxyHeader(come);
      } catch (error) {
        violate((error as Error).message);
        return;
      }
      if (!header) return;
      leave();
      // So that unshifted octets wait for the next reader.
      raw.pause();
      if (header.ends) tellEnds(raw, header.ends);
      if (come.length > header.length) {
        raw.unshift(come.subarray(header.length));
      }
      done(place);
    };
    const onend = () => {
      if (come.length > 0) {
        violate('the connection ended inside of it');
        return;
      }
      places.free(place);
      leave();
      raw.destroy();
      this.#sink.onProbe();
    };
    const limit =
      milliseconds > 0
        ? new TimeLimit(milliseconds, () => {
            const detail = `no PROXY header arrived within ${milliseconds} ms`;
            turnAway({ status: WSAETIMEDOUT, detail });
          })
        : undefined;
    const leave = () => {
      limit?.stop();
      raw.off('data', ondata).off('end', onend).off('error', onend);
    };

    // It may break after its header, before anybody listens.
    raw.on('error', ignore);
    raw.on('data', ondata).on('end', onend).on('error', onend);
  }
}

function ignore(): void {}
