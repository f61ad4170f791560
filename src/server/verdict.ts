import {
  checkCode,
  checkQos,
  invalidArgType,
  invalidReturnValue,
  isThere,
} from '../arguments.js';
import type { Verdict } from '../provider/provider.js';
import { octetsOf, type UserData } from '../user-data.js';
import { CF_ACCEPT, CF_REJECT } from '../vocabulary/constants.js';
import type { Qos } from '../vocabulary/qos.js';

export interface RejectOptions {
  /** A number of 32 bits for the caller's program: its error's `rejectCode`. */
  code?: number | undefined;
  /**
   * Whether another call does no harm, because nothing of this one was carried
   * out: its error's `mayRepeat`. Not sent if absent.
   */
  mayRepeat?: boolean | undefined;
}

export interface AcceptOptions {
  /** Becomes the caller's `socket.calleeData`. */
  calleeData?: UserData | undefined;
  /** The quality of service as changed; the caller gets it back. */
  sqos?: Qos | null | undefined;
}

/** The outcome for a caller whom a condition function was asked about. */
export type Outcome = 'accept' | 'reject' | 'withdrawn' | 'error';

/**
 * Shared by all installed copies of this package, so that they accept each
 * other's verdicts.
 */
const decided = Symbol.for('goodbyte.decision');

/** Result of a condition function: made by {@link accept} or {@link reject}. */
export class Decision {
  readonly [decided]: Verdict;

  constructor(verdict: Verdict) {
    this[decided] = verdict;
  }

  get accepts(): boolean {
    return this[decided].verdict === CF_ACCEPT;
  }

  /** @throws {TypeError} `value` is not a verdict. */
  static verdictOf(value: unknown): Verdict {
    if (typeof value === 'object' && value !== null && decided in value) {
      // A verdict made by another version is checked like user input.
      const { verdict, data, sqos, code, mayRepeat } = value[
        decided
      ] as Verdict;
      return verdict === CF_ACCEPT
        ? verdictOfAccept(data, sqos)
        : verdictOfReject(data, { code, mayRepeat });
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
  return new Decision(verdictOfAccept(options.calleeData, options.sqos));
}

function verdictOfAccept(calleeData: unknown, sqos: unknown): Verdict {
  const data = octetsOf(calleeData, 'options.calleeData');
  if (!isThere(sqos)) return { verdict: CF_ACCEPT, data };
  checkQos(sqos, 'options.sqos');
  return { verdict: CF_ACCEPT, data, sqos };
}

/** Refuses the caller; `data` becomes its error's `rejectData`. */
export function reject(data?: UserData, options: RejectOptions = {}): Decision {
  if (typeof options !== 'object' || options === null) {
    throw invalidArgType('options', 'of type object', options);
  }
  return new Decision(verdictOfReject(data, options));
}

function verdictOfReject(data: unknown, options: RejectOptions): Verdict {
  const code = checkCode(options.code, 'options.code');
  const { mayRepeat } = options;
  if (mayRepeat !== undefined && typeof mayRepeat !== 'boolean') {
    throw invalidArgType('options.mayRepeat', 'of type boolean', mayRepeat);
  }
  return { verdict: CF_REJECT, data: octetsOf(data, 'data'), code, mayRepeat };
}
