import type { BlockList } from 'node:net';
import { getDefaultHighWaterMark } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import {
  checkBlockList,
  checkFunction,
  checkInteger,
  checkNumber,
  checkObject,
  invalidArgType,
  present,
} from '../arguments.js';
import { providerOf, socketOptionsOf } from '../connection-options.js';
import type { Answer } from '../socket/options.js';
import type { Condition } from './condition.js';
import { getDefaultAllowPlain } from './default-allow-plain.js';
import type { ServerOptions } from './options.js';

/** Without options that count as absent. */
export interface CheckedOptions extends ServerOptions {
  condition: Condition | undefined;
  answer: Answer | undefined;
  linger: number | undefined;
  maxLingering: number;
  tls: TlsOptions | undefined;
  proxyProtocol: true | BlockList | undefined;
}

const MAX_LINGERING = 65_536;

/** The constructor's options, checked as `net` checks them. */
export function checkOptions(given: ServerOptions): CheckedOptions {
  if (typeof given !== 'object') {
    throw invalidArgType('options', 'of type object', given);
  }
  const options: CheckedOptions = {
    ...given,
    allowPlain: given.allowPlain ?? getDefaultAllowPlain(),
    condition: present(given.condition),
    answer: present(given.answer),
    linger: present(given.linger),
    maxLingering: present(given.maxLingering) ?? MAX_LINGERING,
    tls: present(given.tls),
    proxyProtocol: present(given.proxyProtocol),
  };
  const { keepAliveInitialDelay, highWaterMark } = options;
  const { blockList, condition, answer, linger } = options;
  const { maxLingering, tls, proxyProtocol } = options;
  if (keepAliveInitialDelay !== undefined) {
    checkNumber(keepAliveInitialDelay, 'options.keepAliveInitialDelay');
  }
  if (highWaterMark !== undefined) {
    checkNumber(highWaterMark, 'options.highWaterMark');
  }
  if (blockList) checkBlockList(blockList, 'options.blockList');
  if (proxyProtocol !== undefined && proxyProtocol !== true) {
    checkBlockList(proxyProtocol, 'options.proxyProtocol');
  }
  if (condition !== undefined) checkFunction(condition, 'options.condition');
  if (answer !== undefined) checkFunction(answer, 'options.answer');
  if (linger !== undefined) checkInteger(linger, 'options.linger', 0, 0xffff);
  checkInteger(maxLingering, 'options.maxLingering', 0, 2 ** 31 - 1);
  if (tls !== undefined) checkObject(tls, 'options.tls');
  // Mistakes in them are reported here, not when somebody calls.
  socketOptionsOf(options);
  providerOf(options);
  return options;
}

/** As `net` takes it. */
export function isOn(value: unknown): boolean {
  return Boolean(value);
}

/** Milliseconds that system timers accept; 0 for anything else. */
export function delayOf(value: number | undefined): number {
  return value !== undefined && value > 0 ? Math.min(value, 2 ** 31 - 1) : 0;
}

/** A number that a stream accepts; the default for anything else. */
export function highWaterMarkOf(
  value: number | undefined,
  of: 'octets' | 'messages' = 'octets',
): number {
  return value !== undefined && value >= 0
    ? Math.min(Math.trunc(value), Number.MAX_SAFE_INTEGER)
    : getDefaultHighWaterMark(of === 'messages');
}
