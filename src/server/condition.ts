import type { Duplex } from 'node:stream';
import type { Address, ConnectRequest } from '../provider/provider.js';
import { userData } from '../user-data.js';
import type { Qos } from '../vocabulary/qos.js';
import type { Decision } from './verdict.js';

/** Decides about a caller before its connection is accepted. */
export type Condition = (
  request: ConditionRequest,
) => Decision | Promise<Decision>;

/** A verdict about this request no longer counts. */
export let withdraw: (request: ConditionRequest, reason: Error) => void;

/** Milliseconds since it was offered. */
export let ageOf: (request: ConditionRequest) => number;

/** A caller that waits for its verdict. */
export class ConditionRequest {
  readonly #request: ConnectRequest;
  #abort: AbortController | undefined;
  #reason: Error | undefined;
  readonly #offered = performance.now();

  constructor(request: ConnectRequest) {
    this.#request = request;
  }

  /** The caller's address. */
  get callerId(): Address {
    return this.#request.callerId;
  }

  /** Our address. */
  get calleeId(): Address {
    return this.#request.calleeId;
  }

  get callerData(): Buffer | undefined {
    return userData(this.#request.callerData);
  }

  /** The quality of service that the caller asks for. */
  get sqos(): Qos | undefined {
    return this.#request.sqos;
  }

  /** Octets of callee data that the caller accepts. */
  get calleeDataLimit(): number {
    return this.#request.calleeDataLimit;
  }

  /** `false` for a plain peer, which sends and takes no user data. */
  get framed(): boolean {
    return this.#request.framed;
  }

  /** The underlying stream: a net.Socket, a TLSSocket, … */
  get stream(): Duplex | undefined {
    return this.#request.stream;
  }

  /**
   * Aborted once a verdict no longer counts: the caller has left, the verdict
   * is too late, or the server closes.
   */
  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      if (this.#reason) this.#abort.abort(this.#reason);
    }
    return this.#abort.signal;
  }

  get withdrawn(): boolean {
    return this.#reason !== undefined;
  }

  static {
    withdraw = (request, reason) => {
      request.#reason ??= reason;
      request.#abort?.abort(reason);
    };
    ageOf = (request) => performance.now() - request.#offered;
  }
}
