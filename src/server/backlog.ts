/**
 * Accepted sockets that `for await` has not asked for yet. It outlives an
 * iterator, so that leaving a loop loses nothing.
 */
export class Backlog<T> {
  readonly #items: T[] = [];
  readonly #waiting: {
    resolve: (result: IteratorResult<T, undefined>) => void;
    reject: (error: unknown) => void;
  }[] = [];
  #ended = false;

  push(item: T): void {
    const next = this.#waiting.shift();
    if (next) next.resolve({ value: item, done: false });
    else this.#items.push(item);
  }

  take(item: T): void {
    const at = this.#items.indexOf(item);
    if (at !== -1) this.#items.splice(at, 1);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#items.length > 0) {
      return Promise.resolve({ value: this.#items.shift()!, done: false });
    }
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  /** Nothing more comes, until {@link reopen}. */
  end(): void {
    this.#ended = true;
    for (const { resolve } of this.#waiting.splice(0)) {
      resolve({ value: undefined, done: true });
    }
  }

  reopen(): void {
    this.#ended = false;
  }

  /** @returns whether anybody was waiting. */
  fail(error: unknown): boolean {
    const waiting = this.#waiting.splice(0);
    for (const { reject } of waiting) reject(error);
    return waiting.length > 0;
  }
}
