import {
  checkAllowPlain,
  type AllowPlainOptions,
} from '../connection-options.js';

let standard: boolean | AllowPlainOptions = false;

/**
 * Sets the `allowPlain` of all servers that this process makes from now on and
 * that are given none: for libraries that make a server themselves.
 *
 * @throws {TypeError} it is neither a boolean nor an object with `after`.
 * @throws {RangeError} `after` is no integer from 1 on.
 */
export function setDefaultAllowPlain(value: boolean | AllowPlainOptions): void {
  checkAllowPlain(value, 'value');
  standard = value;
}

/** As set by {@link setDefaultAllowPlain}; `false` at first. */
export function getDefaultAllowPlain(): boolean | AllowPlainOptions {
  return standard;
}
