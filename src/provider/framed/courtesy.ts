import { TimeLimit } from '../../time-limit.js';

/** A transport that lingers, and keeps the process alive. */
export interface Holding {
  /** Octets sent here and not handed to the system. */
  readonly unsent: number;
  /** Octets that have left, and that the peer's side has not taken. */
  readonly outstanding: number;
  /** It lingers on, for as long as the process has other work. */
  unref(): void;
}

/** Milliseconds between two looks. */
const INTERVAL = 1000;

/**
 * Lets the process end while a connection lingers that was destroyed without a
 * word: once the peer's side has all that was sent, to wait for the peer's end is
 * a courtesy.
 */
export class Courtesy {
  readonly #holding: Holding;
  readonly #interval: number;
  #limit: TimeLimit;

  /** @param interval milliseconds between two looks. */
  constructor(holding: Holding, interval = INTERVAL) {
    this.#holding = holding;
    this.#interval = interval;
    this.#limit = this.#start();
  }

  stop(): void {
    this.#limit.stop();
  }

  #start(): TimeLimit {
    return new TimeLimit(this.#interval, () => {
      this.#look();
    }).unref();
  }

  #look(): void {
    const { unsent, outstanding } = this.#holding;
    if (unsent === 0 && outstanding === 0) this.#holding.unref();
    else this.#limit = this.#start();
  }
}
