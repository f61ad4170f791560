import { killChildren } from '../conformance/runner/children.js';

const fatal = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A signal that ends this process has arrived. */
class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * Signals and uncaught errors abort the work before they end this process, so
 * that it can report its results. The agents end at once.
 */
export class Interruption {
  readonly #abort = new AbortController();
  #signal: NodeJS.Signals | undefined;

  constructor() {
    for (const signal of fatal) process.on(signal, this.#onsignal);
    process.on('uncaughtException', this.#onmistake);
  }

  /** Aborted when the work has to stop. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether a signal is to end this process. */
  get bySignal(): boolean {
    return this.#signal !== undefined;
  }

  /** Lets a received signal end this process, as it would any other. */
  end(): void {
    for (const signal of fatal) process.off(signal, this.#onsignal);
    process.off('uncaughtException', this.#onmistake);
    if (this.#signal === undefined) return;
    const signal = this.#signal;
    // On Windows writes to a pipe may still be under way.
    process.stdout.write('', () => process.kill(process.pid, signal));
  }

  readonly #onsignal = (signal: NodeJS.Signals): void => {
    killChildren();
    // A second signal means: do not wait for reports.
    const again = this.#signal !== undefined;
    this.#signal = signal;
    if (again) this.end();
    else this.#abort.abort(new Interrupted(`interrupted by ${signal}`));
  };

  readonly #onmistake = (error: Error): void => {
    // A second error may come from writing the reports.
    if (this.#abort.signal.aborted) throw error;
    killChildren();
    this.#abort.abort(error);
  };
}
