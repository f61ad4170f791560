import {
  WSAECONNREFUSED,
  WSAEFAULT,
  WSAEOPNOTSUPP,
  WSAETIMEDOUT,
  type Status,
} from '../../../vocabulary/error-codes.js';
import type { Failure, SocketOptions, Verdict } from '../../provider.js';
import type { Fields } from '../fields.js';
import { violation, type Violation } from '../violation.js';
import { MAX_VERSION, MIN_VERSION } from '../wire.js';
import { Handshake } from './handshake.js';
import { canServe, ownLimits, rejectFields } from './payloads.js';
import { rejectionOf } from './refusal.js';
import { FramedRequest, type Requested } from './request.js';
import { answerVersions, type VersionRange } from './version.js';

/** Keeps incoming connections until they have a verdict. */
export interface Home<C extends Requested> {
  /** The last word for callers that wait when it closes. */
  readonly rejectData: Uint8Array | undefined;
  /** A CONNECT has arrived. */
  onRequest(connection: C, request: FramedRequest<C>): void;
  /** The caller of a handshake, or of a request, has left. */
  onWithdrawn(connection: C, request: FramedRequest<C> | undefined): void;
  /** A handshake, or a verdict, took too long. */
  onExpired(connection: C, request: FramedRequest<C> | undefined): void;
  /** A handshake broke a rule. */
  onDisqualified(connection: C): void;
  /** It was refused by this side. */
  onDismissed(connection: C, request: FramedRequest<C> | undefined): void;
}

/** An incoming connection, until it has a verdict. */
export class Callee<C extends Requested> extends Handshake {
  readonly #connection: C;
  readonly #options: Readonly<SocketOptions>;
  readonly #home: Home<C>;
  #request: FramedRequest<C> | undefined;
  /** The versions of our preface. */
  #versions: VersionRange = { min: MIN_VERSION, max: MAX_VERSION };
  #isGreeted = false;
  /** Octets of callee data, or of reject data, that the caller accepts. */
  calleeDataLimit = 0;
  verdict: Verdict = noVerdict;

  constructor(connection: C, options: Readonly<SocketOptions>, home: Home<C>) {
    super();
    this.#connection = connection;
    this.#options = options;
    this.#home = home;
  }

  // -- frames of the caller
  // ----------------------------------------------------

  /** @returns an error if there is no common version. */
  hear(offered: VersionRange): Violation | undefined {
    const { min, max } = offered;
    this.#versions = answerVersions(offered);
    if (this.#versions.min >= min && this.#versions.max <= max) {
      this.#isGreeted = true;
      return undefined;
    }
    return violation(
      'version-unsupported',
      `the caller speaks versions ${min} to ${max}, this side ${MIN_VERSION} to ${MAX_VERSION}`,
    );
  }

  get versions(): VersionRange {
    return this.#versions;
  }

  /** @param isFramed CONNECT has come; otherwise the caller is plain. */
  request(isFramed: boolean): void {
    this.#request = new FramedRequest(
      this.#connection,
      isFramed ? this.calleeDataLimit : undefined,
    );
  }

  get isRequested(): boolean {
    return this.#request !== undefined;
  }

  // -- the verdict ------------------------------------------------------------

  /** Keeps a verdict. @returns 0, or an error if it cannot be carried out. */
  decide(verdict: Verdict): Status {
    const { data, options, sqos } = verdict;
    const most = this.calleeDataLimit;
    // A caller without a callee data buffer does not want any: the callee's
    // data is dropped without harm.
    if (most === 0) {
      verdict = { ...verdict, data: undefined, options: undefined };
    } else if ((data?.length ?? 0) > most || (options?.length ?? 0) > most) {
      return WSAEFAULT;
    }
    if (!canServe(sqos)) return WSAEOPNOTSUPP;
    this.verdict = verdict;
    return 0;
  }

  /** REJECT's fields for a verdict. */
  get rejection(): Fields {
    return rejectFields(this.verdict);
  }

  /** REJECT's fields after a failure. */
  refusal(failure: Failure): Fields {
    // Limits for the caller's next attempt.
    const limits =
      failure.status === WSAETIMEDOUT
        ? undefined
        : ownLimits(this.#options, this.#options.userDataLimit);
    return { ...rejectionOf(failure), limits };
  }

  /** REJECT's fields when the listener closes. */
  get dismissal(): Fields {
    const data = this.#home.rejectData;
    const fits = (data?.length ?? 0) <= this.calleeDataLimit;
    return {
      status: WSAECONNREFUSED,
      reason: 'the listener was closed',
      userData: fits ? data : undefined,
    };
  }

  get overdue(): Failure {
    const { deferTimeout, handshakeTimeout } = this.#options;
    return {
      status: WSAETIMEDOUT,
      detail: this.#request
        ? `no verdict within ${deferTimeout} ms`
        : this.#isGreeted
          ? `the handshake was not finished within ${handshakeTimeout} ms`
          : `nothing of framing came within ${handshakeTimeout} ms`,
    };
  }

  // -- reports to its owner ---------------------------------------------------

  offer(): void {
    if (this.#request) this.#home.onRequest(this.#connection, this.#request);
  }

  withdraw(): void {
    this.stopTimer();
    this.#home.onWithdrawn(this.#connection, this.#request);
  }

  expire(): void {
    this.stopTimer();
    this.#home.onExpired(this.#connection, this.#request);
  }

  disqualify(): void {
    this.stopTimer();
    this.#home.onDisqualified(this.#connection);
  }

  dismiss(): void {
    this.stopTimer();
    this.#home.onDismissed(this.#connection, this.#request);
  }
}

const noVerdict: Verdict = { verdict: -1 };
