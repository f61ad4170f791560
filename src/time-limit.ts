/**
 * Tells when the time is up for something that the system is to bring.
 *
 * Where this process was busy, that may have come in time and not be known
 * here: so once the time is up the system is asked for what it has, by one turn
 * of the loop, before it is told. Where that brings only the first of several
 * things, the rest has the time anew, once.
 */
export class TimeLimit {
  readonly #onover: () => void;
  readonly #timer: NodeJS.Timeout;
  #turn: NodeJS.Immediate | undefined;
  /** Octets that have come. */
  #octets: (() => number) | undefined;

  /** @param octets that have come, where several things have to. */
  constructor(milliseconds: number, onover: () => void, octets?: () => number) {
    this.#onover = onover;
    this.#octets = octets;
    this.#timer = setTimeout(look, milliseconds, this);
  }

  /** It is no reason to keep the process alive. */
  unref(): this {
    this.#timer.unref();
    return this;
  }

  /** Nothing is told any more. */
  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
  }

  look(): void {
    // Immediates run behind what the system has brought.
    if (this.#octets) this.#turn = setImmediate(weigh, this, this.#octets());
    else this.#turn = setImmediate(this.#onover);
  }

  /** @param before what had come before the look. */
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
