import {
  CF_ACCEPT,
  CF_DEFER,
  CF_REJECT,
  SO_CONNOPT,
} from '../../vocabulary/constants.js';
import {
  WSAEACCES,
  WSAECONNRESET,
  WSAEFAULT,
  WSAEINVAL,
  WSAENOBUFS,
  WSAENOTSOCK,
  WSAEWOULDBLOCK,
  WSATRY_AGAIN,
  type Status,
} from '../../vocabulary/error-codes.js';
import { TimeLimit } from '../../time-limit.js';
import type {
  ConnectRequest,
  Decide,
  ListenerStatistics,
  SocketOptions,
  Verdict,
} from '../provider.js';
import type { WinsockLoop } from './loop.js';
import { Options } from './options.js';
import { decodeQos, encodeQos } from './qos.js';
import { Winsock2Request } from './request.js';

/** The listener that the callers belong to. */
export interface AcceptorHost {
  /** Connect data is declared: callers can be answered. */
  readonly carriesData: boolean;
  /** A deferred request has left. */
  onRequest(): void;
}

/** A connection that was accepted. */
export interface Accepted {
  id: number;
  request: Winsock2Request;
  verdict: Verdict;
}

/**
 * WSAAccept with its condition function, and the deferred requests.
 *
 * A provider offers a deferred request before all others (WSAAccept's page), so
 * at most one is deferred, and later ones wait with it.
 */
export class Acceptor {
  readonly #loop: WinsockLoop;
  readonly #id: number;
  readonly #mask: number;
  readonly #options: Readonly<SocketOptions>;
  readonly #host: AcceptorHost;

  /** Offered, and not decided: it is offered next. */
  #head: Winsock2Request | undefined;
  #limit: TimeLimit | undefined;
  /** The head's leaving was reported before the provider reported it. */
  #toldEarly = false;
  /** SO_CONNOPT is set. */
  #hasOptions = false;
  /** The head waited for too long; accept has yet to report it. */
  #departed = false;
  #withdrawn = 0;
  #timeouts = 0;
  #overLimit = 0;
  /** WSAAccept is under way, and with it the condition function. */
  #isAsking = false;
  #isClosed = false;
  #rejectData: Uint8Array | undefined;

  /** @param mask network events of the connections. */
  constructor(
    loop: WinsockLoop,
    id: number,
    mask: number,
    options: Readonly<SocketOptions>,
    host: AcceptorHost,
  ) {
    this.#loop = loop;
    this.#id = id;
    this.#mask = mask;
    this.#options = options;
    this.#host = host;
  }

  get statistics(): ListenerStatistics {
    return {
      // The provider's own handshakes are not reported.
      pending: 0,
      deferred: this.#head?.deferred ? 1 : 0,
      probes: 0,
      overLimit: this.#overLimit,
      handshakeTimeouts: this.#timeouts,
      violations: 0,
      withdrawn: this.#withdrawn,
    };
  }

  accept(decide: Decide, which?: 'new' | ConnectRequest): Accepted | Status {
    // The condition function asked for the next one.
    if (this.#isAsking) return WSAEWOULDBLOCK;
    if (which === undefined && this.#departed) {
      this.#departed = false;
      return WSAECONNRESET;
    }
    if (which === 'new' && this.#head) return WSAEWOULDBLOCK;
    if (typeof which === 'object' && which !== this.#head) {
      return WSAECONNRESET;
    }
    const isKnown = this.#toldEarly && !this.#head;
    const outcome = this.#offer(decide, this.#head);
    if (!isKnown || outcome !== WSAECONNRESET) return outcome;
    // It is not reported twice.
    this.#toldEarly = false;
    return this.#offer(decide, undefined);
  }

  /**
   * @param expected the request that will be offered, if one is known to wait.
   */
  #offer(
    decide: Decide,
    expected: Winsock2Request | undefined,
  ): Accepted | Status {
    let request: Winsock2Request | undefined;
    let verdict: Verdict = { verdict: CF_DEFER };
    let fault: Status = 0;
    this.#isAsking = true;
    try {
      const id = this.#loop.native.accept(
        this.#id,
        this.#mask,
        (callerId, callerData, qos, calleeId, capacity) => {
          request = this.#known(
            new Winsock2Request(
              callerId,
              calleeId,
              callerData,
              decodeQos(qos),
              capacity,
              this.#host.carriesData,
            ),
          );
          // Another caller: the expected one has left.
          if (expected && request !== expected) return DEFER;
          verdict = decide(request);
          fault = this.#faultOf(verdict, request);
          if (fault !== 0) return DEFER;
          this.#setOptions(verdict.options);
          return [verdict.verdict, verdict.data, encodeQos(verdict.sqos)];
        },
      );
      return this.#conclude(id, expected, request, verdict, fault);
    } finally {
      this.#isAsking = false;
      if (this.#isClosed) this.#end();
    }
  }

  /** The callee's: a listener has one reply for all callers. */
  #setOptions(options: Uint8Array = NOTHING): void {
    if (options.length === 0 && !this.#hasOptions) return;
    this.#hasOptions = options.length > 0;
    new Options(this.#loop.native, this.#id).setOctets(SO_CONNOPT, options);
  }

  /** The previous request, if it is the same. */
  #known(offered: Winsock2Request): Winsock2Request {
    const head = this.#head;
    if (head?.isFrom(offered.callerId)) return head;
    if (head) this.#withdraw(head);
    this.#toldEarly = false;
    // An exception of the condition function surfaces here.
    this.#head = offered;
    return offered;
  }

  #faultOf(
    { verdict, data }: Verdict,
    { calleeDataLimit }: Winsock2Request,
  ): Status {
    if (![CF_ACCEPT, CF_REJECT, CF_DEFER].includes(verdict)) return WSAEINVAL;
    // If the caller wants no data, the answer is dropped.
    return calleeDataLimit > 0 && (data?.length ?? 0) > calleeDataLimit
      ? WSAEFAULT
      : 0;
  }

  #conclude(
    id: number,
    expected: Winsock2Request | undefined,
    request: Winsock2Request | undefined,
    verdict: Verdict,
    fault: Status,
  ): Accepted | Status {
    if (this.#isClosed) {
      if (id >= 0) this.#loop.native.close(id);
      return WSAENOTSOCK;
    }
    if (id >= 0) {
      this.#settle();
      return { id, request: request!, verdict };
    }
    if (!request) {
      // No caller was offered; the expected one has left.
      const isTold = -id === WSAECONNRESET || -id === WSAEACCES;
      if (expected) {
        this.#withdraw(expected);
        this.#toldEarly = !isTold;
        return WSAECONNRESET;
      }
      return isTold ? WSAECONNRESET : -id;
    }
    if (expected && request !== expected) return WSAECONNRESET;
    if (fault !== 0) return fault;
    if (-id === WSATRY_AGAIN) return this.#defer(request);
    this.#settle();
    return -id;
  }

  #defer(request: Winsock2Request): Status {
    const { maxDeferred, deferTimeout } = this.#options;
    if (request.deferred) return WSATRY_AGAIN;
    if (maxDeferred === 0) {
      this.#overLimit++;
      this.#reject(request, undefined);
      return WSAENOBUFS;
    }
    request.deferred = true;
    if (deferTimeout > 0) {
      // The listener keeps the process alive, if anything should.
      this.#limit = new TimeLimit(deferTimeout, () => {
        this.#onTimeout(request);
      }).unref();
    }
    return WSATRY_AGAIN;
  }

  #onTimeout(request: Winsock2Request): void {
    this.#timeouts++;
    this.#reject(request, undefined);
    this.#withdraw(request);
    if (request.onwithdrawn) return;
    this.#departed = true;
    this.#host.onRequest();
  }

  /** Refuses the caller that is offered next, if it is the given one. */
  #reject(request: Winsock2Request, data: Uint8Array | undefined): void {
    this.#loop.native.accept(this.#id, this.#mask, (callerId) =>
      request.isFrom(
        new Winsock2Request(callerId, undefined, undefined, undefined, 0, false)
          .callerId,
      )
        ? [CF_REJECT, data, undefined]
        : DEFER,
    );
    this.#settle();
  }

  #withdraw(request: Winsock2Request): void {
    if (request === this.#head) this.#settle();
    request.withdrawn = true;
    this.#withdrawn++;
    request.onwithdrawn?.();
  }

  /** No caller is known to wait. */
  #settle(): void {
    this.#limit?.stop();
    this.#limit = undefined;
    this.#head = undefined;
  }

  /** @param rejectData for all callers without a verdict: they are refused. */
  close(rejectData: Uint8Array | undefined): void {
    this.#rejectData = rejectData;
    this.#isClosed = true;
    if (!this.#isAsking) this.#end();
  }

  #end(): void {
    const head = this.#head;
    const { native } = this.#loop;
    const rejectData = this.#rejectData;
    for (let left = this.#options.maxPending; left > 0; left--) {
      let isOffered = false;
      native.accept(this.#id, this.#mask, () => {
        isOffered = true;
        return [CF_REJECT, rejectData, undefined];
      });
      if (!isOffered) break;
    }
    if (head) this.#withdraw(head);
    this.#loop.forget(this.#id);
    native.close(this.#id);
  }
}

const NOTHING = new Uint8Array(0);

const DEFER: [number, undefined, undefined] = [CF_DEFER, undefined, undefined];
