import { TimeLimit } from '../../time-limit.js';
import { Courtesy, type Holding } from './courtesy.js';

/** A transport that lingers, and its progress. */
export interface Lingering extends Holding {
  /** Its octets that have not left, plus one before its FIN. */
  readonly left: number;
  /** It has lingered for long enough. */
  cut(): void;
}

/** Checks for progress within the allowed time without any. */
const LOOKS = 4;

/**
 * Ends a linger that makes no progress of its own: a slow peer gets its
 * megabyte, a chatty one cannot hold a connection for ever. Octets that leave,
 * and that the peer's side then takes, are progress.
 */
export class LingerWatch {
  readonly #lingering: Lingering;
  /** Until the next check. */
  readonly #milliseconds: number;
  #left: number;
  /** Asking for it costs a system call, which a short linger avoids. */
  #outstanding: number | undefined;
  /** Checks left that may find no progress. */
  #patience: number;
  readonly #looks: number;
  #limit: TimeLimit<LingerWatch>;
  readonly #courtesy: Courtesy | undefined;

  /**
   * @param total whether the time counts from now, or from the last progress.
   * @param isCourtesy the process need not wait for all of it.
   */
  constructor(
    lingering: Lingering,
    milliseconds: number,
    total: boolean,
    isCourtesy = false,
  ) {
    this.#lingering = lingering;
    this.#looks = total ? 0 : LOOKS;
    this.#patience = this.#looks;
    this.#milliseconds = total ? milliseconds : milliseconds / LOOKS;
    this.#left = lingering.left;
    this.#limit = this.#start();
    if (isCourtesy) this.#courtesy = new Courtesy(lingering);
  }

  stop(): void {
    this.#limit.stop();
    this.#courtesy?.stop();
  }

  #start(): TimeLimit<LingerWatch> {
    return new TimeLimit<LingerWatch>(this.#milliseconds, look, this).unref();
  }

  look(): void {
    this.#patience = this.#hasProgressed() ? this.#looks : this.#patience - 1;
    if (this.#patience > 0) this.#limit = this.#start();
    else this.#lingering.cut();
  }

  #hasProgressed(): boolean {
    const { left, outstanding } = this.#lingering;
    const before = { left: this.#left, outstanding: this.#outstanding };
    this.#left = left;
    this.#outstanding = outstanding;
    // Not by their sum: a system may count more octets than were left to send.
    if (left < before.left) return true;
    // Octets taken before the first check are invisible.
    return before.outstanding === undefined
      ? outstanding > 0
      : outstanding < before.outstanding;
  }
}

function look(watch: LingerWatch): void {
  watch.look();
}
