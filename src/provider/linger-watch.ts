import { TimeLimit } from '../time-limit.js';

/** A closed connection that lingers, and its progress. */
export interface Lingering {
  /** Its octets that have not left, plus one before its FIN. */
  readonly left: number;
  /** Octets sent here and not handed to the system. */
  readonly unsent: number;
  /** Octets that have left, and that the peer's side has not taken. */
  readonly outstanding: number;
  /** It lingers on, for as long as the process has other work. */
  unref(): void;
  /** It has lingered for long enough. */
  cut(): void;
}

/** Checks for progress within the allowed time without any. */
const LOOKS = 4;

/** Milliseconds between two checks while the process waits for them. */
const OFTEN = 1000;

/**
 * Ends a linger that makes no progress of its own: a slow peer gets its
 * megabyte, a chatty one cannot hold a connection for ever. Octets that leave,
 * and that the peer's side then takes, are progress.
 *
 * Without a word, the process may end once the peer's side has taken all that
 * was sent: to wait for the peer's end is a courtesy then.
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
  #isCourtesy: boolean;
  #limit: TimeLimit<LingerWatch>;

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
    const looks = isCourtesy
      ? Math.max(LOOKS, Math.ceil(milliseconds / OFTEN))
      : LOOKS;
    this.#lingering = lingering;
    this.#looks = total ? 0 : looks;
    this.#patience = this.#looks;
    this.#milliseconds = total ? milliseconds : milliseconds / looks;
    this.#left = lingering.left;
    this.#isCourtesy = isCourtesy;
    this.#limit = this.#start();
  }

  stop(): void {
    this.#limit.stop();
  }

  #start(): TimeLimit<LingerWatch> {
    return new TimeLimit<LingerWatch>(this.#milliseconds, look, this).unref();
  }

  look(): void {
    const { left, unsent, outstanding } = this.#lingering;
    if (this.#isCourtesy && unsent === 0 && outstanding === 0) {
      this.#isCourtesy = false;
      this.#lingering.unref();
    }
    const hasProgressed = this.#hasProgressed(left, outstanding);
    this.#patience = hasProgressed ? this.#looks : this.#patience - 1;
    if (this.#patience > 0) this.#limit = this.#start();
    else this.#lingering.cut();
  }

  #hasProgressed(left: number, outstanding: number): boolean {
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
