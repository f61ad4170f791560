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
  /** What stops waiting for the rest of each. */
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

  /** @param done is given the connection behind its header. */
  take(raw: NetSocket, done: (raw: NetSocket) => void): void {
    const { remoteAddress = '' } = raw;
    const isProxy =
      this.#trusted === true || isListed(this.#trusted, remoteAddress);
    if (!isProxy) {
      done(raw);
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

    const fail = (status: Status, detail: string) => {
      leave();
      raw.on('error', ignore);
      raw.resetAndDestroy();
      this.#sink.onHandshakeFailure({ status, detail }, callerId);
    };
    const ondata = (chunk: Buffer) => {
      come = Buffer.concat([come, chunk]);
      let header: ProxyHeader | undefined;
      try {
        header = readProxyHeader(come);
      } catch (error) {
        const detail = `proxy-header: ${(error as Error).message}`;
        fail(WSAEPROTONOSUPPORT, detail);
        return;
      }
      if (!header) return;
      leave();
      raw.pause();
      if (header.ends) tellEnds(raw, header.ends);
      if (come.length > header.length) {
        raw.unshift(come.subarray(header.length));
      }
      done(raw);
    };
    const onend = () => {
      leave();
      raw.on('error', ignore);
      raw.destroy();
      if (come.length === 0) {
        this.#sink.onProbe();
      } else {
        const detail = 'proxy-header: the connection ended inside of it';
        this.#sink.onHandshakeFailure(
          { status: WSAEPROTONOSUPPORT, detail },
          callerId,
        );
      }
    };
    const limit =
      handshakeTimeout > 0
        ? new TimeLimit(handshakeTimeout, () => {
            const detail = `no PROXY header came within ${handshakeTimeout} ms`;
            fail(WSAETIMEDOUT, detail);
          })
        : undefined;
    const leave = () => {
      limit?.stop();
      this.#underWay.delete(raw);
      raw.off('data', ondata).off('end', onend).off('error', onend);
    };

    this.#underWay.set(raw, leave);
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
