import { invalidArgType, invalidReturnValue } from '../arguments.js';
import type { Verdict } from '../provider/provider.js';
import { octetsOf, type UserData } from '../user-data.js';
import { CF_ACCEPT, CF_REJECT } from '../vocabulary/constants.js';
import type { Qos } from '../vocabulary/qos.js';

export interface AcceptOptions {
  /** What the caller finds as `socket.calleeData`. */
  calleeData?: UserData | undefined;
  /** The quality of service as changed; the caller gets it back. */
  sqos?: Qos | undefined;
}

/** What a condition function returns: made by {@link accept} or {@link reject}. */
export class Decision {
  readonly #verdict: Verdict;

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  get accepts(): boolean {
    return this.#verdict.verdict === CF_ACCEPT;
  }

  /** @throws {TypeError} `value` is none. */
  static verdictOf(value: unknown): Verdict {
    if (typeof value === 'object' && value !== null && #verdict in value) {
      return value.#verdict;
    }
    throw invalidReturnValue(
      'what accept() or reject() returns',
      'condition',
      value,
    );
  }
}

/** Takes the caller's connection. */
export function accept(options: AcceptOptions = {}): Decision {
  if (typeof options !== 'object' || options === null) {
    throw invalidArgType('options', 'of type object', options);
  }
  return new Decision({
    verdict: CF_ACCEPT,
    data: octetsOf(options.calleeData, 'options.calleeData'),
    sqos: options.sqos,
  });
}

/** Sends the caller away; `data` becomes its error's `rejectData`. */
export function reject(data?: UserData): Decision {
  return new Decision({ verdict: CF_REJECT, data: octetsOf(data, 'data') });
}
