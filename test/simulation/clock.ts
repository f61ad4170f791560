// Time that stands still until it is moved. It replaces the timers of this process, which
// must do nothing else.

type Callback = (...args: unknown[]) => void;

/** A timer, as `setTimeout` gives it. */
class VirtualTimer {
  readonly #clock: Clock;
  readonly #callback: Callback;
  readonly #delay: number;
  readonly #args: unknown[];
  due = 0;
  /** Timers due at the same time fire in this order. */
  order = 0;

  constructor(
    clock: Clock,
    callback: Callback,
    delay: number,
    args: unknown[],
  ) {
    this.#clock = clock;
    this.#callback = callback;
    this.#delay = delay;
    this.#args = args;
  }

  refresh(): this {
    this.#clock.add(this, this.#delay);
    return this;
  }

  fire(): void {
    this.#callback(...this.#args);
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}

const { setTimeout, clearTimeout, setImmediate, clearImmediate } = globalThis;

/** A turn of the real loop, after which all ticks and microtasks are done. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Makes its exceptions uncaught, as in the real loop. */
function guard(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

export class Clock {
  now = 0;
  #order = 0;
  readonly #timers = new Set<VirtualTimer>();
  #immediates: { run(): void }[] = [];

  /** From here on this clock owns all timers of the process. */
  install(): void {
    Object.assign(globalThis, {
      setTimeout: (callback: Callback, delay = 1, ...args: unknown[]) => {
        const timer = new VirtualTimer(this, callback, delay, args);
        this.add(timer, delay);
        return timer;
      },
      clearTimeout: (timer?: VirtualTimer) => {
        if (timer) this.#timers.delete(timer);
      },
      setImmediate: (callback: Callback, ...args: unknown[]) => {
        const immediate = { run: () => callback(...args) };
        this.#immediates.push(immediate);
        return immediate;
      },
      clearImmediate: (immediate?: { run(): void }) => {
        this.#immediates = this.#immediates.filter((one) => one !== immediate);
      },
    });
  }

  uninstall(): void {
    Object.assign(globalThis, {
      setTimeout,
      clearTimeout,
      setImmediate,
      clearImmediate,
    });
  }

  add(timer: VirtualTimer, delay: number): void {
    timer.due = this.now + delay;
    timer.order = this.#order++;
    this.#timers.add(timer);
  }

  get pending(): number {
    return this.#timers.size;
  }

  /** Moves to the next timer. */
  advance(): void {
    const [next] = [...this.#timers].toSorted(
      (one, other) => one.due - other.due || one.order - other.order,
    );
    if (!next) return;
    this.#timers.delete(next);
    this.now = Math.max(this.now, next.due);
    guard(() => next.fire());
  }

  /** Ends the turn: ticks, then work that waits for the loop, until none is left. */
  async turn(): Promise<void> {
    await settle();
    while (this.#immediates.length > 0) {
      const due = this.#immediates;
      this.#immediates = [];
      for (const immediate of due) {
        guard(() => immediate.run());
        await settle();
      }
    }
  }
}
