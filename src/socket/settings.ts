import { isDeepStrictEqual } from 'node:util';
import { checkInteger, invalidArgType } from '../arguments.js';
import type {
  KeepAliveProbes,
  ProviderConnection,
} from '../provider/provider.js';
import type { Handle } from './handle.js';

/** An open connection, and its `_handle` if somebody has asked for it. */
export interface Settable {
  readonly provider: ProviderConnection;
  readonly handle: Handle | null | undefined;
}

/**
 * Settings of a Socket's connections. They may be made before there is one, and
 * apply to the next one too, as in net. As there, a change of a default goes
 * through the handle.
 */
export class Settings {
  #noDelay: boolean | undefined;
  #keepAlive: ({ on: boolean; seconds: number } & KeepAliveProbes) | undefined;
  #typeOfService: number | undefined;

  /**
   * @param on as in net: any truthy or falsy value.
   * @param open the present connection.
   */
  setNoDelay(on: unknown, open?: Settable): void {
    const value = Boolean(on);
    const isChange = value !== (this.#noDelay ?? false);
    this.#noDelay = value;
    if (open) this.#noDelayOf(open, isChange);
  }

  #noDelayOf({ provider, handle }: Settable, isChange: boolean): void {
    if (this.#noDelay === undefined) return;
    if (!handle) provider.medium.setNoDelay(this.#noDelay);
    else if (isChange) handle.setNoDelay(this.#noDelay);
    // In net it would be so already; here the other is the default.
    else if (!this.#noDelay) provider.medium.setNoDelay(false);
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
    open?: Settable,
  ): void {
    const before = this.#keepAlive ?? off;
    // As in net: a value that is not a number counts as 0.
    this.#keepAlive = {
      on: Boolean(on),
      seconds: Math.max(0, ~~(delay / 1000)),
      interval: numberOf(probes.interval),
      count: numberOf(probes.count),
    };
    if (open && !isDeepStrictEqual(before, this.#keepAlive)) {
      this.#keepAliveOf(open);
    }
  }

  #keepAliveOf({ provider, handle }: Settable): void {
    if (!this.#keepAlive) return;
    const { on, seconds, interval, count } = this.#keepAlive;
    if (handle) {
      const between = interval === undefined ? undefined : interval / 1000;
      handle.setKeepAlive(on, seconds, between, count);
    } else {
      const probes = { interval, count };
      provider.medium.setKeepAlive(on, 1000 * seconds, probes);
    }
  }

  /**
   * If the medium supports it: one without such an octet, or that does not let
   * it be set, sends as before.
   *
   * @param open the present connection.
   */
  setTypeOfService(value: number, open?: Settable): void {
    this.#typeOfService = value;
    open?.provider.medium.setTypeOfService(value);
  }

  /** @param open asked first; if it does not know, the value that was set. */
  typeOfServiceOf(open?: Settable): number {
    return open?.provider.medium.typeOfService ?? this.#typeOfService ?? 0;
  }

  /** `unref` was called: no connection keeps the process alive. */
  unref = false;

  /** The connection is open: earlier settings apply to it too. */
  applyTo(open: Settable): void {
    this.#noDelayOf(open, this.#noDelay === true);
    this.#keepAliveOf(open);
    if (this.#typeOfService !== undefined) {
      open.provider.medium.setTypeOfService(this.#typeOfService);
    }
    if (this.unref) open.provider.unref();
  }
}

/** As the system begins. */
const off = { on: false, seconds: 0, interval: undefined, count: undefined };

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
