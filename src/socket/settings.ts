import { checkInteger, invalidArgType } from '../arguments.js';
import type {
  KeepAliveProbes,
  ProviderConnection,
} from '../provider/provider.js';

/**
 * Settings of a Socket's connections. They may be made before there is one, and
 * apply to the next one too, as in net.
 */
export class Settings {
  #noDelay: boolean | undefined;
  #keepAlive:
    { on: boolean; delay: number; probes: KeepAliveProbes } | undefined;
  #typeOfService: number | undefined;

  /**
   * @param on as in net: any truthy or falsy value.
   * @param open the present connection.
   */
  setNoDelay(on: unknown, open?: ProviderConnection): void {
    this.#noDelay = Boolean(on);
    open?.medium.setNoDelay(this.#noDelay);
  }

  /**
   * @param on as of {@link setNoDelay}.
   * @param delay milliseconds before the first probe; whole seconds count.
   * @param open the present connection.
   */
  setKeepAlive(
    on: unknown,
    delay: number,
    probes: KeepAliveProbes,
    open?: ProviderConnection,
  ): void {
    // As in net: a value that is not a number counts as 0.
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
   * If the medium supports it: one without such an octet, or that does not let
   * it be set, sends as before.
   *
   * @param open the present connection.
   */
  setTypeOfService(value: number, open?: ProviderConnection): void {
    this.#typeOfService = value;
    open?.medium.setTypeOfService(value);
  }

  /** @param open asked first; if it cannot tell, the value that was set. */
  typeOfServiceOf(open?: ProviderConnection): number {
    return open?.medium.typeOfService ?? this.#typeOfService ?? 0;
  }

  /** `unref` was called: no connection keeps the process alive. */
  unref = false;

  /** The connection is open: earlier settings apply to it too. */
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
 * @throws {TypeError} it is not a number.
 * @throws {RangeError} it is not an integer from 0 to 255.
 */
export function checkTypeOfService(value: unknown, name: string): number {
  if (Number.isNaN(value)) throw invalidArgType(name, 'of type number', value);
  checkInteger(value, name, 0, 255);
  return value as number;
}
