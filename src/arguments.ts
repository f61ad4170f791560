import type { BlockList } from 'node:net';
import { inspect, types } from 'node:util';
import { flowspecMembers, type Qos } from './vocabulary/qos.js';
import { LEAST_IDLE_TIMEOUT } from './vocabulary/limits.js';

/** Errors and checks with Node's own classes, codes and words. */

type ErrorClass = new (message: string) => Error;

function nodeError(Base: ErrorClass, code: string, message: string): Error {
  const error = Object.assign(new Base(message), { code });
  // Node shows the code in the stack and leaves the name alone.
  Object.defineProperty(error, 'stack', {
    value: error.stack?.replace(error.name, `${error.name} [${code}]`),
    configurable: true,
    writable: true,
  });
  return error;
}

export function invalidArgType(
  name: string,
  expected: string,
  value: unknown,
): Error {
  const kind = name.includes('.') ? 'property' : 'argument';
  return nodeError(
    TypeError,
    'ERR_INVALID_ARG_TYPE',
    `The "${name}" ${kind} must be ${expected}. Received ${received(value)}`,
  );
}

export function invalidArgValue(
  name: string,
  value: unknown,
  reason = 'is invalid',
): Error {
  const kind = name.includes('.') ? 'property' : 'argument';
  return nodeError(
    TypeError,
    'ERR_INVALID_ARG_VALUE',
    `The ${kind} '${name}' ${reason}. Received ${inspect(value, { depth: 0 })}`,
  );
}

export function outOfRange(name: string, range: string, value: unknown): Error {
  return nodeError(
    RangeError,
    'ERR_OUT_OF_RANGE',
    `The value of "${name}" is out of range. It must be ${range}. Received ${inspect(value)}`,
  );
}

export function badPort(name: string, value: unknown): Error {
  return nodeError(
    RangeError,
    'ERR_SOCKET_BAD_PORT',
    `${name} should be >= 0 and < 65536. Received ${received(value)}.`,
  );
}

export function invalidIpAddress(value: unknown): Error {
  return nodeError(
    TypeError,
    'ERR_INVALID_IP_ADDRESS',
    `Invalid IP address: ${String(value)}`,
  );
}

export function ipBlocked(address: string): Error {
  return nodeError(
    Error,
    'ERR_IP_BLOCKED',
    `IP(${address}) is blocked by net.BlockList`,
  );
}

export function missingArgs(): Error {
  return nodeError(
    TypeError,
    'ERR_MISSING_ARGS',
    'The "options" or "port" or "path" argument must be specified',
  );
}

export function invalidReturnValue(
  expected: string,
  name: string,
  value: unknown,
): Error {
  return nodeError(
    TypeError,
    'ERR_INVALID_RETURN_VALUE',
    `Expected ${expected} to be returned from the "${name}" function but got ${received(value)}.`,
  );
}

export function serverAlreadyListening(): Error {
  return nodeError(
    Error,
    'ERR_SERVER_ALREADY_LISTEN',
    'Listen method has been called more than once without closing.',
  );
}

export function serverNotRunning(): Error {
  return nodeError(Error, 'ERR_SERVER_NOT_RUNNING', 'Server is not running.');
}

export function socketClosed(): Error {
  return nodeError(Error, 'ERR_SOCKET_CLOSED', 'Socket is closed');
}

export function socketClosedBeforeConnection(): Error {
  return nodeError(
    Error,
    'ERR_SOCKET_CLOSED_BEFORE_CONNECTION',
    'Socket closed before the connection was established',
  );
}

export function streamDestroyed(call: string): Error {
  return nodeError(
    Error,
    'ERR_STREAM_DESTROYED',
    `Cannot call ${call} after a stream was destroyed`,
  );
}

export function endedByOtherParty(): Error {
  return Object.assign(
    new Error('This socket has been ended by the other party'),
    { code: 'EPIPE' },
  );
}

/** An AbortError, with the signal's reason as its cause. */
export function abortError(signal: AbortSignal): Error {
  const error = Object.assign(
    new Error('The operation was aborted', { cause: signal.reason }),
    { code: 'ABORT_ERR' },
  );
  error.name = 'AbortError';
  return error;
}

/** `null` and `false` count as absent: libraries pass them for that. */
export function isThere(value: unknown): value is {} {
  return value !== undefined && value !== null && value !== false;
}

/** The same, as a value. */
export function present<T>(value: T | false | null | undefined): T | undefined {
  return value === false || value === null ? undefined : value;
}

export function checkBoolean(value: unknown, name: string): void {
  if (typeof value !== 'boolean') {
    throw invalidArgType(name, 'of type boolean', value);
  }
}

export function checkString(
  value: unknown,
  name: string,
): asserts value is string {
  if (typeof value !== 'string') {
    throw invalidArgType(name, 'of type string', value);
  }
}

export function checkNumber(
  value: unknown,
  name: string,
): asserts value is number {
  if (typeof value !== 'number') {
    throw invalidArgType(name, 'of type number', value);
  }
}

export function checkFunction(value: unknown, name: string): void {
  if (typeof value !== 'function') {
    throw invalidArgType(name, 'of type function', value);
  }
}

export function checkObject(
  value: unknown,
  name: string,
): asserts value is object {
  if (value === null || typeof value !== 'object') {
    throw invalidArgType(name, 'of type object', value);
  }
}

export function checkInteger(
  value: unknown,
  name: string,
  least: number,
  most: number,
): void {
  checkNumber(value, name);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < least || value > most) {
    throw outOfRange(name, `>= ${least} && <= ${most}`, value);
  }
}

/** @throws {TypeError} it is not a `net.BlockList`, and lacks its method. */
export function checkBlockList(
  value: unknown,
  name: string,
): asserts value is BlockList {
  checkObject(value, name);
  if (typeof (value as { check?: unknown }).check !== 'function') {
    throw invalidArgType(name, 'an instance of net.BlockList', value);
  }
}

/**
 * A path of a Unix socket or a named pipe. The system would cut it at a NUL; a
 * leading NUL makes it an abstract name on Linux, where later ones are
 * ordinary.
 */
export function checkPath(
  value: unknown,
  name: string,
): asserts value is string {
  checkString(value, name);
  if (value.includes('\0') && value[0] !== '\0') {
    throw invalidArgValue(name, value, 'must be a string without null bytes');
  }
}

/** A port as Node takes it: a number, or a string that holds one. */
export function checkPort(value: unknown, name: string): number {
  const isPort =
    (typeof value === 'number' ||
      (typeof value === 'string' && value.trim() !== '')) &&
    Number(value) === Number(value) >>> 0 &&
    Number(value) <= 0xffff;
  if (!isPort) throw badPort(name, value);
  return Number(value);
}

export function checkSignal(value: unknown, name: string): void {
  const isSignal =
    typeof value === 'object' &&
    value !== null &&
    'aborted' in value &&
    typeof (value as Partial<AbortSignal>).addEventListener === 'function';
  if (!isSignal) {
    throw invalidArgType(name, 'an instance of AbortSignal', value);
  }
}

/**
 * A quality of service: a provider never gets values that do not fit its
 * fields.
 */
export function checkQos(value: unknown, name: string): asserts value is Qos {
  checkObject(value, name);
  const qos = value as Partial<Qos>;
  for (const direction of ['sending', 'receiving'] as const) {
    const flow = qos[direction];
    const isFlow =
      typeof flow === 'object' &&
      flow !== null &&
      flowspecMembers.every((member) => flow[member] === flow[member] >>> 0);
    if (!isFlow) {
      throw invalidArgType(
        `${name}.${direction}`,
        'a FLOWSPEC: eight unsigned 32-bit numbers',
        flow,
      );
    }
  }
  const { providerSpecific } = qos;
  if (providerSpecific !== undefined && !types.isUint8Array(providerSpecific)) {
    throw invalidArgType(
      `${name}.providerSpecific`,
      'an instance of Uint8Array',
      providerSpecific,
    );
  }
}

/** The longest that a timer waits. */
export const TIMEOUT_MAX = 2 ** 31 - 1;

export function checkMilliseconds(value: unknown, name: string): number {
  checkNumber(value, name);
  if (value < 0 || !Number.isFinite(value)) {
    throw outOfRange(name, 'a non-negative finite number', value);
  }
  if (value <= TIMEOUT_MAX) return value;
  process.emitWarning(
    `${value} does not fit into a 32-bit signed integer.\n` +
      `Timer duration was truncated to ${TIMEOUT_MAX}.`,
    'TimeoutOverflowWarning',
  );
  return TIMEOUT_MAX;
}

/** An integer: the limit; 0: no limit (wire format §5.10). */
export function checkIdleTimeout(value: number, name: string): void {
  if (value === 0 || value >= LEAST_IDLE_TIMEOUT) return;
  throw outOfRange(name, `0 for no limit, or >= ${LEAST_IDLE_TIMEOUT}`, value);
}

/** The application's number that goes with a last word: 32 bits. */
export function checkCode(value: unknown, name: string): number | undefined {
  if (!isThere(value)) return undefined;
  checkNumber(value, name);
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw outOfRange(name, 'an integer from 0 to 4294967295', value);
  }
  return value;
}

/** `type string ('abc')`, in Node's words. */
function received(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') {
    return value.name ? `function ${value.name}` : 'function ';
  }
  if (typeof value === 'object') {
    const name: unknown = value.constructor?.name;
    return typeof name === 'string' && name !== ''
      ? `an instance of ${name}`
      : inspect(value, { depth: -1 });
  }
  const shown = inspect(value, { colors: false });
  return `type ${typeof value} (${shown.length > 28 ? `${shown.slice(0, 25)}...` : shown})`;
}
