import { isFailure } from '../conformance/runner/verdict.js';
import type { RunResult } from '../conformance/index.js';
import type { Output } from './io.js';

const ERASE = '\r\u001B[2K';

/**
 * A line that tells how far a run is: on a terminal only, always below what is
 * printed, and gone at the end.
 */
export class Progress {
  readonly #output: Output;
  readonly #total: number;
  readonly #started = performance.now();
  #done = 0;
  #failed = 0;
  #shown = false;

  constructor(output: Output, total: number) {
    this.#output = output;
    this.#total = total;
  }

  count({ verdict }: RunResult): void {
    this.#done += 1;
    if (isFailure(verdict, false)) this.#failed += 1;
    this.show();
  }

  show(): void {
    if (this.#output.isTTY !== true) return;
    const seconds = Math.round((performance.now() - this.#started) / 1000);
    const failed = this.#failed > 0 ? `, ${this.#failed} failed` : '';
    this.#output.write(
      `${ERASE}${this.#done} of ${this.#total} runs${failed}, ${seconds} s`,
    );
    this.#shown = true;
  }

  /** Before something else is printed, and at the end. */
  erase(): void {
    if (this.#shown) this.#output.write(ERASE);
    this.#shown = false;
  }
}
