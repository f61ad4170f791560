import { WSAETIMEDOUT } from '../../../vocabulary/error-codes.js';
import type {
  ConnectParameters,
  ConnectTarget,
  Failure,
  SocketOptions,
} from '../../provider.js';
import type { Violation } from '../violation.js';
import { Handshake } from './handshake.js';
import { connectPayload } from './payloads.js';
import { chosenVersion, type VersionRange } from './version.js';

/** A connect: its parameters and its outcome. */
export class Caller extends Handshake {
  readonly target: ConnectTarget;
  readonly parameters: ConnectParameters;
  readonly #options: Readonly<SocketOptions>;
  #isAnswered = false;

  constructor(
    target: ConnectTarget,
    parameters: ConnectParameters,
    options: Readonly<SocketOptions>,
  ) {
    super();
    this.target = target;
    this.parameters = parameters;
    this.#options = options;
  }

  /** CONNECT's fields. */
  get payload(): Uint8Array {
    return connectPayload(this.#options, this.parameters);
  }

  /** An acceptable preface has come. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** @returns an error if the callee's preface is unacceptable. */
  hear(versions: VersionRange): Violation | undefined {
    const chosen = chosenVersion(versions);
    if (typeof chosen !== 'number') return chosen;
    this.#isAnswered = true;
    return undefined;
  }

  get overdue(): Failure {
    return {
      status: WSAETIMEDOUT,
      detail: `the callee did not answer within ${this.#options.connectTimeout} ms`,
    };
  }
}
