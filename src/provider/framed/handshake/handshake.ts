import { TimeLimit } from '../../../time-limit.js';
import type { Failure } from '../../provider.js';

/**
 * State that a connection needs until it stands. It is dropped then: connections
 * are idle for most of their lives, and there may be many.
 */
export abstract class Handshake {
  #limit: TimeLimit | undefined;

  /** The failure of one that takes too long. */
  abstract readonly overdue: Failure;

  /** @param milliseconds until `onTimeout` is called; 0: never. */
  startTimer(milliseconds: number, onTimeout: () => void): void {
    this.stopTimer();
    if (milliseconds > 0) {
      // The connection itself keeps the process alive, if anything should.
      this.#limit = new TimeLimit(milliseconds, onTimeout).unref();
    }
  }

  stopTimer(): void {
    this.#limit?.stop();
    this.#limit = undefined;
  }
}
