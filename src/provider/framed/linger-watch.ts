import { TimeLimit } from '../../time-limit.js';

/** Progress of a transport that lingers. */
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
  #limit: TimeLimit;

  /** @param total whether they count from now, or from the last progress. */
  constructor(lingering: Lingering, milliseconds: number, total: boolean) {
    this.#lingering = lingering;
    this.#milliseconds = milliseconds;
    // Then nothing counts as progress.
    this.#left = total ? 0 : lingering.left;
    this.#limit = this.#start();
  }

  stop(): void {
    this.#limit.stop();
  }

  #start(): TimeLimit {
    return new TimeLimit(this.#milliseconds, () => {
      this.#check();
    }).unref();
  }

  #check(): void {
    const { left } = this.#lingering;
    if (left < this.#left) {
      this.#left = left;
      this.#limit = this.#start();
    } else {
      this.#lingering.cut();
    }
  }
}
