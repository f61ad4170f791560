import {
  checkBoolean,
  checkIdleTimeout,
  checkInteger,
  checkString,
  invalidArgValue,
  isThere,
  present,
} from './arguments.js';
import {
  defaultSocketOptions,
  type Medium,
  type Provider,
  type SocketOptions,
} from './provider/provider.js';
import { selectProvider } from './provider/select.js';
import { SOCK_SEQPACKET } from './vocabulary/constants.js';

/** An absent option: libraries express it in each of these ways. */
export type Absent = false | null | undefined;

/** Options of connections that a Socket and a Server share. */
export interface ConnectionOptions {
  /**
   * `auto` (default); `framed`; on Windows also `winsock2`, or one of its
   * providers by the id of its entry in the catalog or by the path of its DLL:
   * `winsock2:1001`, `winsock2:C:\\vendor.dll`.
   */
  provider?: string | Absent;
  /** `stream` (default), or `message`: each write arrives as one piece. */
  socketType?: 'stream' | 'message' | Absent;
  /**
   * Octets of user data that this side accepts; default 4,096, at most 65,535.
   */
  userDataLimit?: number | Absent;
  /** Octets of a message that this side accepts; default 1 MiB. */
  messageLimit?: number | Absent;
  /** Milliseconds from connect to the callee's verdict; 75 s, 0: no limit. */
  connectTimeout?: number | Absent;
  /** Milliseconds for a caller's handshake; 10 s, 0: no limit. */
  handshakeTimeout?: number | Absent;
  /** Milliseconds that a request may wait for a verdict; 60 s, 0: no limit. */
  deferTimeout?: number | Absent;
  /** Milliseconds without progress that a closed connection waits; 10 s. */
  lingerTimeout?: number | Absent;
  /**
   * Milliseconds without an octet of the peer until the connection fails with
   * ETIMEDOUT, from 1,000 on; 0, the default: no limit. An idle peer is asked
   * for a sign of life first, so only a peer that is stuck or gone stays
   * silent.
   */
  idleTimeout?: number | Absent;
  /** Most connections in the handshake at a server; 1,024. */
  maxPending?: number | Absent;
  /** The same for each caller's IPv4 address or IPv6 /64; 0: no limit. */
  maxPendingPerAddress?: number | Absent;
  /** Requests that may wait for a verdict at once; 1,024. */
  maxDeferred?: number | Absent;
  /**
   * Accept callers that speak no framing; with `after` also those that have
   * sent nothing for that many milliseconds.
   */
  allowPlain?: boolean | AllowPlainOptions | null | undefined;
  /**
   * Send FIN together with the last word. Otherwise FIN waits until the peer
   * has spoken too, so that a proxy in between does not cut off its answer.
   */
  eagerFin?: boolean | null | undefined;
  /**
   * A peer may end the connection without a last word: its FIN alone is a
   * graceful end. Otherwise it is a cut (WSAECONNRESET): killed peers and
   * proxies that give up end like that.
   */
  allowBareFin?: boolean | null | undefined;
}

/** See {@link ConnectionOptions.allowPlain}. */
export interface AllowPlainOptions {
  /**
   * Milliseconds without an octet, at least 1 and less than `handshakeTimeout`:
   * longer than a framed caller's connect takes, whose preface would be data.
   */
  after: number;
}

const MAX_INT = 2 ** 31 - 1;

const ranges = {
  userDataLimit: [0, 0xffff],
  messageLimit: [0, MAX_INT],
  connectTimeout: [0, MAX_INT],
  handshakeTimeout: [0, MAX_INT],
  deferTimeout: [0, MAX_INT],
  lingerTimeout: [0, MAX_INT],
  idleTimeout: [0, MAX_INT],
  maxPending: [1, MAX_INT],
  maxPendingPerAddress: [0, MAX_INT],
  maxDeferred: [0, MAX_INT],
} as const;

const switches = ['eagerFin', 'allowBareFin'] as const;

/** The provider's options, from the user's, checked. */
export function socketOptionsOf(
  options: ConnectionOptions,
): Readonly<SocketOptions> {
  let chosen: SocketOptions | undefined;
  for (const key of Object.keys(ranges) as (keyof typeof ranges)[]) {
    const value = present(options[key]);
    if (value === undefined) continue;
    const [least, most] = ranges[key];
    checkInteger(value, `options.${key}`, least, most);
    if (key === 'idleTimeout') checkIdleTimeout(value, `options.${key}`);
    chosen ??= { ...defaultSocketOptions };
    chosen[key] = value;
  }
  for (const key of switches) {
    const value = options[key];
    if (!isThere(value)) continue;
    checkBoolean(value, `options.${key}`);
    chosen ??= { ...defaultSocketOptions };
    chosen[key] = value;
  }
  const { allowPlain } = options;
  if (isThere(allowPlain)) {
    const after = silenceOf(allowPlain, 'options.allowPlain');
    chosen ??= { ...defaultSocketOptions };
    checkSilence(after, chosen.handshakeTimeout, allowPlain);
    chosen.allowPlain = true;
    chosen.plainAfter = after;
  }
  if (isMessageOriented(options)) {
    chosen ??= { ...defaultSocketOptions };
    chosen.socketType = SOCK_SEQPACKET;
  }
  return chosen ?? defaultSocketOptions;
}

/** Milliseconds of silence that make a caller a plain one. */
function silenceOf(
  value: boolean | AllowPlainOptions,
  name: string,
): number | undefined {
  if (typeof value !== 'object') {
    checkBoolean(value, name);
    return undefined;
  }
  checkInteger(value.after, `${name}.after`, 1, MAX_INT);
  return value.after;
}

/**
 * @throws {TypeError} it is neither a boolean nor an object with `after`.
 * @throws {RangeError} `after` is not an integer of at least 1.
 */
export function checkAllowPlain(
  value: unknown,
  name: string,
): asserts value is boolean | AllowPlainOptions {
  if (value === false) return;
  if (value === null) checkBoolean(value, name);
  silenceOf(value as AllowPlainOptions, name);
}

/** A silent caller has to be taken for plain before it times out. */
function checkSilence(
  after: number | undefined,
  handshakeTimeout: number,
  given: unknown,
): void {
  if (after === undefined || handshakeTimeout === 0) return;
  if (after < handshakeTimeout) return;
  throw invalidArgValue(
    'options.allowPlain',
    given,
    `must have an "after" below handshakeTimeout, which is ${handshakeTimeout}`,
  );
}

export function isMessageOriented({ socketType }: ConnectionOptions): boolean {
  switch (socketType) {
    case undefined:
    case null:
    case false:
    case 'stream':
      return false;
    case 'message':
      return true;
    default:
      throw invalidArgValue(
        'options.socketType',
        socketType,
        "must be one of: 'stream', 'message'",
      );
  }
}

/** @param medium the medium that `auto` has to carry. */
export function providerOf(
  { provider }: ConnectionOptions,
  medium?: Medium,
): Provider {
  if (!isThere(provider)) return selectProvider('auto', medium);
  checkString(provider, 'options.provider');
  try {
    return selectProvider(provider, medium);
  } catch (error) {
    throw invalidArgValue(
      'options.provider',
      provider,
      `is not available: ${(error as Error).message}`,
    );
  }
}
