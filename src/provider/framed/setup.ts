import { TimeLimit } from '../../time-limit.js';
import { WSAETIMEDOUT } from '../../vocabulary/error-codes.js';
import type {
  ConnectParameters,
  ConnectTarget,
  Failure,
  Verdict,
} from '../provider.js';
import type { FramedListener } from './listener.js';
import type { FramedRequest } from './request.js';
import type { FramedSocket } from './socket.js';
import type { VersionRange } from './version.js';

/**
 * State that a connection needs until it stands. It is dropped then: connections
 * are idle for most of their lives, and there may be many.
 */
export class Setup {
  readonly socket: FramedSocket;
  /** Of a connection that came in: where its request belongs. */
  readonly home: FramedListener | undefined;

  target: ConnectTarget | undefined;
  parameters: ConnectParameters | undefined;

  /** Our preface, as a callee. */
  versions: VersionRange | undefined;
  request: FramedRequest | undefined;
  /** Octets of callee data, or of reject data, that the caller takes. */
  calleeDataLimit = 0;
  verdict: Verdict | undefined;

  #limit: TimeLimit | undefined;

  constructor(socket: FramedSocket, home?: FramedListener) {
    this.socket = socket;
    this.home = home;
  }

  /** Its failure when the clock has run out. */
  get timedOut(): Failure {
    return { status: WSAETIMEDOUT, detail: this.#overdue };
  }

  get #overdue(): string {
    const { options, prefaceSeen } = this.socket;
    if (!this.home) {
      return `the callee did not answer within ${options.connectTimeout} ms`;
    }
    if (this.request) return `no verdict within ${options.deferTimeout} ms`;
    return prefaceSeen
      ? `the handshake was not finished within ${options.handshakeTimeout} ms`
      : `nothing of framing came within ${options.handshakeTimeout} ms`;
  }

  /** @param milliseconds until the socket's `onTimeout` is called; 0: never. */
  startTimer(milliseconds: number): void {
    this.stopTimer();
    if (milliseconds > 0) {
      // The connection itself keeps the process alive, if anything should.
      this.#limit = new TimeLimit(milliseconds, () => {
        this.socket.onTimeout();
      }).unref();
    }
  }

  stopTimer(): void {
    this.#limit?.stop();
    this.#limit = undefined;
  }
}
