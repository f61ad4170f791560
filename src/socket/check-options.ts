import { types } from 'node:util';
import {
  checkFunction,
  checkInteger,
  checkNumber,
  invalidArgValue,
  isThere,
} from '../arguments.js';
import { isMessageOriented } from '../connection-options.js';
import { checkTypeOfService } from './settings.js';
import type {
  Answer,
  OnReadOptions,
  SocketConstructorOptions,
} from './options.js';

/**
 * The constructor's options, for the stream too, checked as `net` checks them.
 */
export function checkOptions(
  asked: SocketConstructorOptions | number = {},
): SocketConstructorOptions & { readableObjectMode: boolean } {
  const options = typeof asked === 'number' ? { fd: asked } : asked;
  if (typeof options !== 'object') {
    throw invalidArgValue('options', options, 'must be an object');
  }
  const unsupported = options as Record<string, unknown>;
  for (const name of [
    'objectMode',
    'readableObjectMode',
    'writableObjectMode',
  ]) {
    if (unsupported[name]) {
      throw invalidArgValue(
        `options.${name}`,
        unsupported[name],
        'is not supported',
      );
    }
  }
  // No spread followed by more members: Node 20 makes a hidden class for each
  // object.
  const given = Object.assign({}, options, {
    allowHalfOpen: Boolean(options.allowHalfOpen),
    readableObjectMode: isMessageOriented(options),
    // It may be aborted already, and destroys the socket, which must be
    // complete.
    signal: undefined,
    // Strings arrive below as octets.
    decodeStrings: true,
    // 'close' comes from the Socket, with net's argument.
    emitClose: false,
    autoDestroy: true,
  });
  if (given.keepAliveInitialDelay !== undefined) {
    checkNumber(given.keepAliveInitialDelay, 'options.keepAliveInitialDelay');
    given.keepAliveInitialDelay = Math.max(0, given.keepAliveInitialDelay);
  }
  if (given.typeOfService !== undefined) {
    checkTypeOfService(given.typeOfService, 'options.typeOfService');
  }
  given.linger = checkLinger(given.linger, 'options.linger');
  given.answer = checkAnswer(given.answer, 'options.answer');
  return given;
}

type Accepted = SocketConstructorOptions & { pauseOnCreate: boolean };

/** A server's options for its sockets: checked once, and shared. */
export class SharedOptions {
  readonly given: ReturnType<typeof checkOptions>;
  readonly pauseOnCreate: boolean;
  readonly signal = undefined;
  readonly #asked: Accepted;

  /** @throws as {@link checkOptions} does. */
  constructor(asked: Accepted) {
    this.#asked = asked;
    this.given = checkOptions(asked);
    this.pauseOnCreate = asked.pauseOnCreate;
  }

  /** Whether none has changed since. */
  isOf(asked: Accepted): boolean {
    const names = Object.keys(asked) as (keyof Accepted)[];
    return names.every((name) => Object.is(asked[name], this.#asked[name]));
  }
}

/** @returns seconds; `undefined` for what counts as absent. */
export function checkLinger(value: unknown, name: string): number | undefined {
  if (!isThere(value)) return undefined;
  checkInteger(value, name, 0, 0xffff);
  return value as number;
}

/** @returns `undefined` for values that count as absent. */
export function checkAnswer(value: unknown, name: string): Answer | undefined {
  if (!isThere(value)) return undefined;
  checkFunction(value, name);
  return value as Answer;
}

/** A socket is of its type from the start: its stream is made for it. */
export function checkSocketType(
  options: Record<string, unknown>,
  messages: boolean,
): void {
  const { socketType } = options;
  if (socketType === undefined) return;
  const given = options as Pick<SocketConstructorOptions, 'socketType'>;
  if (isMessageOriented(given) !== messages) {
    throw invalidArgValue(
      'options.socketType',
      socketType,
      `is not this socket's, which is '${messages ? 'message' : 'stream'}'; give it to new Socket()`,
    );
  }
}

/** As in `net`, an invalid `onread` is ignored. */
export function onReadOf(onread: unknown): OnReadOptions | undefined {
  if (onread === null || typeof onread !== 'object') return undefined;
  const { buffer, callback } = onread as Partial<OnReadOptions>;
  const isOne =
    (types.isUint8Array(buffer) || typeof buffer === 'function') &&
    typeof callback === 'function';
  return isOne ? (onread as OnReadOptions) : undefined;
}
