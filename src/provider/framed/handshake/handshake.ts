import { TimeLimit } from '../../../time-limit.js';
import type { Failure } from '../../provider.js';

/** Is called when a handshake takes too long. */
export interface Overdue {
  onTimeout(): void;
}

/**
 * State that a connection needs until it is open, and drops then: connections
 * are idle for most of their lives, and there may be many.
 */
export abstract class Handshake {
  #limit: TimeLimit<Overdue> | undefined;
  #isOver = false;

  /** The failure of a handshake that takes too long. */
  abstract readonly overdue: Failure;

  /**
   * It replaces the previous clock.
   *
   * @param milliseconds until `connection` is called; 0: never.
   */
  startTimer(milliseconds: number, connection: Overdue): void {
    this.#limit?.stop();
    this.#limit = undefined;
    if (milliseconds > 0 && !this.#isOver) {
      // The connection itself keeps the process alive, if anything should.
      this.#limit = new TimeLimit(milliseconds, tell, connection).unref();
    }
  }

  /** The handshake is over and no longer has a time limit. */
  stopTimer(): void {
    this.#isOver = true;
    this.#limit?.stop();
    this.#limit = undefined;
  }
}

function tell(connection: Overdue): void {
  connection.onTimeout();
}
