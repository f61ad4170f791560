import { checkInteger, invalidArgType } from '../arguments.js';
import type {
  KeepAliveProbes,
  ProviderConnection,
} from '../provider/provider.js';

/**
 * How a Socket's connections are set. It may be told before there is one, and
 * holds for the next one too, as in net.
 */
export class Settings {
  #noDelay: boolean | undefined;
  #keepAlive:
    { on: boolean; delay: number; probes: KeepAliveProbes } | undefined;
  #typeOfService: number | undefined;

  /**
   * @param on as net has it: whatever is true or false in JavaScript.
   * @param open the connection that it is for by now.
   */
  setNoDelay(on: unknown, open?: ProviderConnection): void {
    this.#noDelay = Boolean(on);
    open?.medium.setNoDelay(this.#noDelay);
  }

  /**
   * @param on as of {@link setNoDelay}.
   * @param delay milliseconds before the first probe; whole seconds count.
   * @param open the connection that it is for by now.
   */
  setKeepAlive(
    on: unknown,
    delay: number,
    probes: KeepAliveProbes,
    open?: ProviderConnection,
  ): void {
    // As net: what is no number is 0.
    const seconds = Math.max(0, ~~(delay / 1000));
    this.#keepAlive = {
      on: Boolean(on),
      delay: 1000 * seconds,
      probes: {
        interval: numberOf(probes.interval),
        count: numberOf(probes.count),
      },
    };
    if (open) this.#keepAliveOf(open);
  }

  #keepAliveOf(open: ProviderConnection): void {
    if (!this.#keepAlive) return;
    const { on, delay, probes } = this.#keepAlive;
    open.medium.setKeepAlive(on, delay, probes);
  }

  /**
   * As far as the medium goes: what has no such octet, or does not let it be
   * set, sends as before.
   *
   * @param open the connection that it is for by now.
   */
  setTypeOfService(value: number, open?: ProviderConnection): void {
    this.#typeOfService = value;
    open?.medium.setTypeOfService(value);
  }

  /** @param open asked first; one that can't tell has what it was set to. */
  typeOfServiceOf(open?: ProviderConnection): number {
    return open?.medium.typeOfService ?? this.#typeOfService ?? 0;
  }

  /** `unref` was called: no connection keeps the process alive. */
  unref = false;

  /** The connection stands: what was set before holds for it too. */
  applyTo(open: ProviderConnection): void {
    if (this.#noDelay !== undefined) open.medium.setNoDelay(this.#noDelay);
    this.#keepAliveOf(open);
    if (this.#typeOfService !== undefined) {
      open.medium.setTypeOfService(this.#typeOfService);
    }
    if (this.unref) open.unref();
  }
}

function numberOf(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.max(0, ~~value);
}

/**
 * An octet of differentiated services, checked as `net` checks it.
 *
 * @throws {TypeError} it is no number.
 * @throws {RangeError} it is not an integer from 0 to 255.
 */
export function checkTypeOfService(value: unknown, name: string): number {
  if (Number.isNaN(value)) throw invalidArgType(name, 'of type number', value);
  checkInteger(value, name, 0, 255);
  return value as number;
}
