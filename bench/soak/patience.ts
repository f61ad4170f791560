/** Settings of a {@link Patience}. */
export interface Looks {
  /** Milliseconds between two looks. */
  readonly every: number;
  /** Looks in a row that may find no progress. */
  readonly most: number;
  /** Milliseconds by which a look is late if the process lacked CPU time. */
  readonly late: number;
}

const usual: Looks = { every: 1000, most: 30, late: 250 };

/**
 * Waits for a session as long as it makes progress. On a busy machine a process
 * may get no CPU time for seconds: a late look does not count, so that only a
 * session that stands still by itself is given up.
 */
export class Patience {
  readonly #progress: () => string;
  readonly #onover: () => void;
  readonly #looks: Looks;
  #timer: NodeJS.Timeout;
  #due = 0;
  #seen = '';
  #still = 0;

  /**
   * @param progress changes with each step of the session.
   * @param onover is called once, after a long time without progress.
   */
  constructor(
    progress: () => string,
    onover: () => void,
    looks: Looks = usual,
  ) {
    this.#progress = progress;
    this.#onover = onover;
    this.#looks = looks;
    this.#timer = this.#start();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    this.#due = performance.now() + this.#looks.every;
    return setTimeout(() => {
      this.#look();
    }, this.#looks.every);
  }

  #look(): void {
    const isLate = performance.now() - this.#due > this.#looks.late;
    const now = this.#progress();
    if (now !== this.#seen) this.#still = 0;
    else if (!isLate) this.#still++;
    this.#seen = now;
    if (this.#still < this.#looks.most) this.#timer = this.#start();
    else this.#onover();
  }
}
