import {
  checkFunction,
  checkInteger,
  checkNumber,
  checkObject,
  invalidArgType,
  isThere,
} from '../arguments.js';
import { providerOf, socketOptionsOf } from '../connection-options.js';
import type { ServerOptions } from './options.js';

/** The constructor's options, checked as `net` checks them. */
export function checkOptions(options: ServerOptions): ServerOptions {
  if (typeof options !== 'object') {
    throw invalidArgType('options', 'of type object', options);
  }
  const { keepAliveInitialDelay, highWaterMark } = options;
  if (keepAliveInitialDelay !== undefined) {
    checkNumber(keepAliveInitialDelay, 'options.keepAliveInitialDelay');
  }
  if (highWaterMark !== undefined) {
    checkNumber(highWaterMark, 'options.highWaterMark');
  }
  if (options.condition !== undefined) {
    checkFunction(options.condition, 'options.condition');
  }
  if (options.answer !== undefined) {
    checkFunction(options.answer, 'options.answer');
  }
  if (options.linger !== undefined) {
    checkInteger(options.linger, 'options.linger', 0, 0xffff);
  }
  const tls = isThere(options.tls) ? options.tls : undefined;
  if (tls !== undefined) checkObject(tls, 'options.tls');
  // What is wrong with them shows here, not when somebody calls.
  socketOptionsOf(options);
  providerOf(options);
  return { ...options, tls };
}
