/**
 * A time limit for input from the system.
 *
 * If this process was busy, the input may have arrived in time without being
 * seen: so when the time is up, one turn of the loop reads pending input before
 * the timeout is reported. If that brings only the first of several things, the
 * rest gets the time anew, once.
 */
export class TimeLimit<T = void> {
  readonly #onover: (about: T) => void;
  readonly #about: T;
  readonly #timer: NodeJS.Timeout;
  #turn: NodeJS.Immediate | undefined;
  /** Octets received. */
  #octets: (() => number) | undefined;

  /**
   * @param about the argument of `onover`, which limits can share that way.
   * @param octets the number received, if several things have to come.
   */
  constructor(
    milliseconds: number,
    onover: (about: T) => void,
    about?: T,
    octets?: () => number,
  ) {
    this.#onover = onover;
    this.#about = about as T;
    this.#octets = octets;
    this.#timer = setTimeout(look, milliseconds, this);
  }

  /** It does not keep the process alive. */
  unref(): this {
    this.#timer.unref();
    return this;
  }

  /** Nothing more is reported. */
  stop(): void {
    clearTimeout(this.#timer);
    if (this.#turn) clearImmediate(this.#turn);
  }

  look(): void {
    // Immediates run after input from the system.
    if (this.#octets) this.#turn = setImmediate(weigh, this, this.#octets());
    else this.#turn = setImmediate(this.#onover, this.#about);
  }

  /** @param before the octets received before the check. */
  weigh(before: number): void {
    const now = this.#octets!();
    this.#octets = undefined;
    if (now > before) this.#timer.refresh();
    else this.#onover(this.#about);
  }
}

function look<T>(limit: TimeLimit<T>): void {
  limit.look();
}

function weigh<T>(limit: TimeLimit<T>, before: number): void {
  limit.weigh(before);
}
