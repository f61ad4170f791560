/** What a transport that lingers can say of itself. */
export interface Lingering {
  /** Octets of it that have not left, and one more before its FIN. */
  readonly left: number;
  /** It has lingered for long enough. */
  cut(): void;
}

/**
 * Cuts a linger short that makes no progress of its own: a slow peer gets its
 * megabyte, a chatty one can't hold a connection for ever.
 */
export class LingerWatch {
  readonly #lingering: Lingering;
  readonly #milliseconds: number;
  #left: number;
  #timer: NodeJS.Timeout;

  /** @param total whether they count from now, or from the last progress. */
  constructor(lingering: Lingering, milliseconds: number, total: boolean) {
    this.#lingering = lingering;
    this.#milliseconds = milliseconds;
    // Then nothing counts as progress.
    this.#left = total ? 0 : lingering.left;
    this.#timer = this.#start();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(check, this.#milliseconds, this).unref();
  }

  check(): void {
    const { left } = this.#lingering;
    if (left < this.#left) {
      this.#left = left;
      this.#timer = this.#start();
    } else {
      this.#lingering.cut();
    }
  }
}

function check(watch: LingerWatch): void {
  watch.check();
}
