/** Calls back when nothing has touched it for a while. */
export class IdleTimer {
  #timer: NodeJS.Timeout | undefined;
  readonly #onidle: () => void;

  constructor(onidle: () => void) {
    this.#onidle = onidle;
  }

  /** @param milliseconds 0 stops it. */
  start(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer =
      milliseconds > 0
        ? setTimeout(this.#onidle, milliseconds).unref()
        : undefined;
  }

  touch(): void {
    this.#timer?.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
