/**
 * A time limit for input from the system.
 *
 * If this process was busy, the input may have arrived in time without being
 * seen: so when the time is up, one turn of the loop reads pending input before
 * the timeout is reported. If that brings only the first of several things, the
 * rest gets the time anew, once.
 */
export class TimeLimit {
  readonly #onover: () => void;
  readonly #timer: NodeJS.Timeout;
  #turn: NodeJS.Immediate | undefined;
  /** Octets received. */
  #octets: (() => number) | undefined;

  /** @param octets the number received, if several things have to come. */
  constructor(milliseconds: number, onover: () => void, octets?: () => number) {
    this.#onover = onover;
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
    clearImmediate(this.#turn);
  }

  look(): void {
    // Immediates run after input from the system.
    if (this.#octets) this.#turn = setImmediate(weigh, this, this.#octets());
    else this.#turn = setImmediate(this.#onover);
  }

  /** @param before the octets received before the check. */
  weigh(before: number): void {
    const now = this.#octets!();
    this.#octets = undefined;
    if (now > before) this.#timer.refresh();
    else this.#onover();
  }
}

function look(limit: TimeLimit): void {
  limit.look();
}

function weigh(limit: TimeLimit, before: number): void {
  limit.weigh(before);
}
