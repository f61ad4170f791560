import { LEAST_IDLE_TIMEOUT } from '../../src/vocabulary/limits.js';
import { wholeNumber } from '../usage-error.js';

/** `--idle-timeout`, in milliseconds. */
export function idleTimeoutOf(values: {
  'idle-timeout'?: string | undefined;
}): number | undefined {
  return wholeNumber(
    'idle-timeout',
    values['idle-timeout'],
    LEAST_IDLE_TIMEOUT,
  );
}
