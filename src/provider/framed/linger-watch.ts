import { TimeLimit } from '../../time-limit.js';

/** Progress of a transport that lingers. */
export interface Lingering {
  /** Octets of it that have not left, and one more before its FIN. */
  readonly left: number;
  /** Octets that have left, and that the peer's side has not taken. */
  readonly outstanding: number;
  /** It has lingered for long enough. */
  cut(): void;
}

/** How often it is looked for progress within the time without any. */
const LOOKS = 4;

/**
 * Cuts a linger short that makes no progress of its own: a slow peer gets its
 * megabyte, a chatty one can't hold a connection for ever. Progress is what
 * leaves, and what the peer's side then takes.
 */
export class LingerWatch {
  readonly #lingering: Lingering;
  /** Until it is looked next. */
  readonly #milliseconds: number;
  #left: number;
  /** To ask for it costs a system call, which a short linger is spared. */
  #outstanding: number | undefined;
  /** Looks that still may find no progress. */
  #patience: number;
  readonly #looks: number;
  #limit: TimeLimit;

  /** @param total whether they count from now, or from the last progress. */
  constructor(lingering: Lingering, milliseconds: number, total: boolean) {
    this.#lingering = lingering;
    this.#looks = total ? 0 : LOOKS;
    this.#patience = this.#looks;
    this.#milliseconds = total ? milliseconds : milliseconds / LOOKS;
    this.#left = lingering.left;
    this.#limit = this.#start();
  }

  stop(): void {
    this.#limit.stop();
  }

  #start(): TimeLimit {
    return new TimeLimit(this.#milliseconds, () => {
      this.#look();
    }).unref();
  }

  #look(): void {
    this.#patience = this.#hasProgressed() ? this.#looks : this.#patience - 1;
    if (this.#patience > 0) this.#limit = this.#start();
    else this.#lingering.cut();
  }

  #hasProgressed(): boolean {
    const { left, outstanding } = this.#lingering;
    const before = { left: this.#left, outstanding: this.#outstanding };
    this.#left = left;
    this.#outstanding = outstanding;
    // Not by their sum: a system may count more for what it has than was left.
    if (left < before.left) return true;
    // Octets taken before the first look are invisible.
    return before.outstanding === undefined
      ? outstanding > 0
      : outstanding < before.outstanding;
  }
}
