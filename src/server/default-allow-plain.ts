import {
  checkAllowPlain,
  type AllowPlainOptions,
} from '../connection-options.js';

let standard: boolean | AllowPlainOptions = false;

/**
 * Sets the `allowPlain` of all servers that this process creates from now on
 * without that option: for libraries that create servers themselves.
 *
 * @throws {TypeError} it is neither a boolean nor an object with `after`.
 * @throws {RangeError} `after` is not an integer of at least 1.
 */
export function setDefaultAllowPlain(value: boolean | AllowPlainOptions): void {
  checkAllowPlain(value, 'value');
  standard = value;
}

/** As set by {@link setDefaultAllowPlain}; initially `false`. */
export function getDefaultAllowPlain(): boolean | AllowPlainOptions {
  return standard;
}
