import type { ProviderSocket } from '../provider/provider.js';

/**
 * How a Socket's connections are set. It may be told before there is one, and
 * holds for the next one too, as in net.
 */
export class Settings {
  #noDelay: boolean | undefined;
  #keepAlive: { on: boolean; delay: number } | undefined;
  #unref = false;

  /**
   * @param on as net has it: whatever is true or false in JavaScript.
   * @param open the connection that it is for by now.
   */
  setNoDelay(on: unknown, open?: ProviderSocket): void {
    this.#noDelay = Boolean(on);
    open?.setNoDelay(this.#noDelay);
  }

  /**
   * @param on as of {@link setNoDelay}.
   * @param delay milliseconds before the first probe; whole seconds count.
   * @param open the connection that it is for by now.
   */
  setKeepAlive(on: unknown, delay: number, open?: ProviderSocket): void {
    // As net: what is no number is 0.
    const seconds = Math.max(0, ~~(delay / 1000));
    this.#keepAlive = { on: Boolean(on), delay: 1000 * seconds };
    open?.setKeepAlive(this.#keepAlive.on, this.#keepAlive.delay);
  }

  ref(open?: ProviderSocket): void {
    this.#unref = false;
    open?.ref();
  }

  unref(open?: ProviderSocket): void {
    this.#unref = true;
    open?.unref();
  }

  /** The connection stands: what was set before holds for it too. */
  applyTo(open: ProviderSocket): void {
    if (this.#noDelay !== undefined) open.setNoDelay(this.#noDelay);
    if (this.#keepAlive) {
      open.setKeepAlive(this.#keepAlive.on, this.#keepAlive.delay);
    }
    if (this.#unref) open.unref();
  }
}
