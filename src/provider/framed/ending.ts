import { LingerWatch, type Lingering } from '../linger-watch.js';
import type { Failure, SocketOptions } from '../provider.js';
import { encodeFields, type Fields } from './fields.js';
import { resetPayload } from './handshake/payloads.js';
import type { FrameTransport } from './transport.js';
import { FrameType } from './wire.js';

/** Milliseconds that a peer gets to read our last frame. */
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
 * Releases the transport of a connection, or of an attempt at one, and sends
 * what is due then if no last word has been sent. The lifecycle decides when.
 */
export class Ending implements Lingering {
  /**
   * The last frame is sent, or there will be no last frame: only FIN may
   * follow.
   */
  isSaid = false;
  /** And it has something to say: user data, or a number. */
  hasWord = false;
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

  /** Stops the clock of {@link part}. */
  stopTimer(): void {
    this.#watch?.stop();
  }

  reject(fields: Fields): void {
    this.isSaid = true;
    this.hasWord = true;
    this.#host.transport.sendFrame(FrameType.REJECT, encodeFields(fields));
  }

  /** Unless our last frame is sent. */
  sayReset(): void {
    if (this.isSaid) return;
    this.isSaid = true;
    const { transport, failure } = this.#host;
    transport.sendFrame(FrameType.RESET, resetPayload(failure));
  }

  /**
   * A relay turns a reset into an orderly end, so a RESET frame is sent.
   *
   * @param isReleased the transport has released everything.
   */
  reset(isReleased: boolean): void {
    const { transport, prefaceSeen } = this.#host;
    if (!prefaceSeen || this.isSaid || isReleased) {
      transport.reset();
      return;
    }
    this.sayReset();
    transport.linger(LAST_LINGER, true, 'brief');
  }

  /**
   * Our FIN waits for the peer: a relay that ends early would lose both last
   * words.
   */
  part(): void {
    const { transport } = this.#host;
    // A last word on its way keeps the process alive, even after unref.
    transport.ref();
    transport.resume();
    this.#watch = new LingerWatch(
      this,
      this.#milliseconds,
      this.#isTotal,
      this.#isCourtesy,
    );
  }

  get left(): number {
    return this.#host.transport.left;
  }

  get outstanding(): number {
    return this.#host.transport.outstanding;
  }

  get unsent(): number {
    return this.#host.transport.unsent;
  }

  unref(): void {
    this.#host.transport.unref();
  }

  cut(): void {
    this.#host.onTimeout();
  }

  linger(): void {
    this.#host.transport.linger(
      this.#milliseconds,
      this.#isTotal,
      this.#isCourtesy ? 'courtesy' : undefined,
    );
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

  /** The process need not wait: no word was said, and SO_LINGER sets no time. */
  get #isCourtesy(): boolean {
    return !this.hasWord && this.#linger === undefined;
  }
}
