import type { Failure, SocketOptions } from '../provider.js';
import { encodeFields, type Fields } from './fields.js';
import { resetPayload } from './handshake/payloads.js';
import { LingerWatch, type Lingering } from './linger-watch.js';
import type { FrameTransport } from './transport.js';
import { FrameType } from './wire.js';

/** Milliseconds that a peer has to read what was said to it last. */
const LAST_LINGER = 1000;

/** The connection that ends. */
export interface EndingHost {
  readonly options: Readonly<SocketOptions>;
  readonly transport: FrameTransport;
  /** The peer may be sent frames. */
  readonly prefaceSeen: boolean;
  readonly failure: Failure | undefined;
  /** The peer has had its time to end. */
  onTimeout(): void;
}

/**
 * How a connection, or an attempt at one, lets go of its transport, and what it
 * says then where it has said no last word. When is the lifecycle's to say.
 */
export class Ending implements Lingering {
  /** The last frame is out, or is to be none: nothing but FIN may follow. */
  isSaid = false;
  readonly #host: EndingHost;
  /** SO_LINGER on, with its seconds. */
  #linger: number | undefined;
  #watch: LingerWatch | undefined;

  constructor(host: EndingHost) {
    this.#host = host;
  }

  setLinger(seconds: number | undefined): void {
    this.#linger = seconds;
  }

  /** The clock of {@link part} is stopped. */
  stopTimer(): void {
    this.#watch?.stop();
  }

  reject(fields: Fields): void {
    this.isSaid = true;
    this.#host.transport.sendFrame(FrameType.REJECT, encodeFields(fields));
  }

  /** Unless our last frame is out. */
  sayReset(): void {
    if (this.isSaid) return;
    this.isSaid = true;
    const { transport, failure } = this.#host;
    transport.sendFrame(FrameType.RESET, resetPayload(failure));
  }

  /**
   * A relay makes an end in order of a reset: so a RESET frame says it.
   *
   * @param isReleased nothing is left of the transport.
   */
  reset(isReleased: boolean): void {
    const { transport, prefaceSeen } = this.#host;
    if (!prefaceSeen || this.isSaid || isReleased) {
      transport.reset();
      return;
    }
    this.sayReset();
    transport.linger(LAST_LINGER, true, true);
  }

  /** Our FIN waits for the peer: both would be lost behind who ends early. */
  part(): void {
    const { transport } = this.#host;
    // A last word on its way is a reason to stay alive, whatever unref said.
    transport.ref();
    transport.resume();
    this.#watch = new LingerWatch(this, this.#milliseconds, this.#isTotal);
  }

  get left(): number {
    return this.#host.transport.left;
  }

  get outstanding(): number {
    return this.#host.transport.outstanding;
  }

  cut(): void {
    this.#host.onTimeout();
  }

  linger(): void {
    this.#host.transport.linger(this.#milliseconds, this.#isTotal);
  }

  lingerBriefly(): void {
    this.#host.transport.linger(LAST_LINGER, true);
  }

  get #milliseconds(): number {
    return this.#linger === undefined
      ? this.#host.options.lingerTimeout
      : 1000 * this.#linger;
  }

  get #isTotal(): boolean {
    return this.#linger !== undefined;
  }
}
