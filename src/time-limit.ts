/**
 * Tells when the time is up for something that the system is to bring.
 *
 * Where this process was busy, that may have come in time and not be known
 * here: so once the time is up the system is asked for what it has, by one turn
 * of the loop, before it is told.
 */
export class TimeLimit {
  readonly #onover: () => void;
  readonly #timer: NodeJS.Timeout;
  #turn: NodeJS.Immediate | undefined;

  constructor(milliseconds: number, onover: () => void) {
    this.#onover = onover;
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
    this.#turn = setImmediate(this.#onover);
  }
}

function look(limit: TimeLimit): void {
  limit.look();
}
