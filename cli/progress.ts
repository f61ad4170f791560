import { isFailure } from '../conformance/runner/verdict.js';
import type { RunResult } from '../conformance/index.js';
import type { Output } from './io.js';

const ERASE = '\r\u001B[2K';

/** Milliseconds between two lines without a terminal. */
const INTERVAL = 10_000;

/**
 * A progress line: on a terminal below the output, and removed at the end;
 * elsewhere a new line every ten seconds.
 */
export class Progress {
  readonly #output: Output;
  readonly #total: number;
  readonly #clock: () => number;
  readonly #quiet: boolean;
  readonly #started: number;
  #told: number;
  #done = 0;
  #failed = 0;
  #shown = false;

  /** @param options `clock` returns milliseconds. */
  constructor(
    output: Output,
    total: number,
    options: { quiet?: boolean; clock?: () => number } = {},
  ) {
    this.#output = output;
    this.#total = total;
    this.#quiet = options.quiet ?? false;
    this.#clock = options.clock ?? (() => performance.now());
    this.#started = this.#clock();
    this.#told = this.#started;
  }

  count({ verdict }: RunResult): void {
    this.#done += 1;
    if (isFailure(verdict, false)) this.#failed += 1;
    this.show();
  }

  show(): void {
    if (this.#quiet) return;
    const now = this.#clock();
    const seconds = Math.round((now - this.#started) / 1000);
    const failed = this.#failed > 0 ? `, ${this.#failed} failed` : '';
    const line = `${this.#done} of ${this.#total} runs${failed}, ${seconds} s`;
    if (this.#output.isTTY === true) {
      this.#output.write(`${ERASE}${line}`);
      this.#shown = true;
    } else if (now - this.#told >= INTERVAL) {
      this.#told = now;
      this.#output.write(`${line}\n`);
    }
  }

  /** Before something else is printed, and at the end. */
  erase(): void {
    if (this.#shown) this.#output.write(ERASE);
    this.#shown = false;
  }
}
