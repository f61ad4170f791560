import type { BlockList, Socket as NetSocket } from 'node:net';
import { isListed } from '../../../address-list.js';
import { TimeLimit } from '../../../time-limit.js';
import {
  WSAEPROTONOSUPPORT,
  WSAETIMEDOUT,
  type Status,
} from '../../../vocabulary/error-codes.js';
import type { ServerSink } from '../listener.js';
import { nowhere } from '../request.js';
import { remoteAddressOf, tellEnds } from './address.js';
import { readProxyHeader, type ProxyHeader } from './proxy-header.js';

/** Whose PROXY header is believed: everybody's, or that of these addresses. */
export type TrustedProxies = true | BlockList;

/**
 * Takes the PROXY header off each connection that comes through a proxy. A
 * connection whose header is under way holds a place among the pending ones.
 */
export class ProxyHeaders {
  readonly #trusted: TrustedProxies;
  readonly #sink: ServerSink;
  readonly #limits: { handshakeTimeout: number; maxPending: number };
  /** Each with a function that stops waiting for the rest. */
  readonly #underWay = new Map<NetSocket, () => void>();

  constructor(
    trusted: TrustedProxies,
    sink: ServerSink,
    limits: { handshakeTimeout: number; maxPending: number },
  ) {
    this.#trusted = trusted;
    this.#sink = sink;
    this.#limits = limits;
  }

  /** @param done is called when the header is off. */
  take(raw: NetSocket, done: () => void): void {
    const { remoteAddress = '' } = raw;
    const isProxy =
      this.#trusted === true || isListed(this.#trusted, remoteAddress);
    if (!isProxy) {
      done();
      return;
    }
    const { handshakeTimeout, maxPending } = this.#limits;
    if (this.#underWay.size >= maxPending) {
      this.#sink.onOverLimit();
      raw.destroy();
      return;
    }
    const callerId = remoteAddressOf(raw) ?? nowhere;
    let come = Buffer.alloc(0);

    const turnAway = (status: Status, detail: string) => {
      leave();
      raw.resetAndDestroy();
      this.#sink.onHandshakeFailure({ status, detail }, callerId);
    };
    const violate = (what: string) => {
      turnAway(WSAEPROTONOSUPPORT, `proxy-header: ${what}`);
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
      // So that what is put back waits for who reads next.
      raw.pause();
      if (header.ends) tellEnds(raw, header.ends);
      if (come.length > header.length) {
        raw.unshift(come.subarray(header.length));
      }
      done();
    };
    const onend = () => {
      if (come.length > 0) {
        violate('the connection ended inside of it');
        return;
      }
      leave();
      raw.destroy();
      this.#sink.onProbe();
    };
    const limit =
      handshakeTimeout > 0
        ? new TimeLimit(handshakeTimeout, () => {
            const detail = `no PROXY header came within ${handshakeTimeout} ms`;
            turnAway(WSAETIMEDOUT, detail);
          })
        : undefined;
    const leave = () => {
      limit?.stop();
      this.#underWay.delete(raw);
      raw.off('data', ondata).off('end', onend).off('error', onend);
    };

    this.#underWay.set(raw, leave);
    // It may break behind its header, where nobody listens yet.
    raw.on('error', ignore);
    raw.on('data', ondata).on('end', onend).on('error', onend);
  }

  abortAll(): void {
    for (const [raw, leave] of this.#underWay) {
      leave();
      raw.destroy();
    }
  }
}

function ignore(): void {}
