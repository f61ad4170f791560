import { getSystemErrorMap } from 'node:util';
import type { Failure } from './provider/provider.js';
import {
  nodeErrorCode,
  winsockErrorName,
  type Status,
} from './vocabulary/error-codes.js';

/** Members of a {@link WinsockError} beside its code. */
export interface WinsockErrorDetails {
  syscall?: string | undefined;
  address?: string | undefined;
  port?: number | undefined;
  /** A sentence with more detail than the code. */
  detail?: string | undefined;
  cause?: Error | undefined;
  rejected?: true | undefined;
  rejectData?: Buffer | undefined;
  rejectCode?: number | undefined;
  mayRepeat?: boolean | undefined;
  resetCode?: number | undefined;
  violation?: string | undefined;
}

/** All instances, whatever they inherit from. */
const all = new WeakSet<object>();

/** Winsock's name and number of an error. */
export interface WinsockCode {
  /** `WSAECONNREFUSED` */
  readonly name: string;
  /** 10061 */
  readonly code: number;
}

/**
 * A failure on a connection, with Node's code and Winsock's.
 *
 * Where Node itself reported the failure, this has all of the members of Node's
 * error (`code`, `errno`, `syscall`, `address`, `port`, `message`), and that
 * error as its `cause`.
 */
export class WinsockError extends Error {
  declare readonly code: string;
  declare readonly errno: number | undefined;
  declare readonly syscall: string | undefined;
  declare readonly address: string | undefined;
  declare readonly port: number | undefined;
  declare readonly winsock: WinsockCode;
  /** The callee has refused, so somebody listens. */
  declare readonly rejected: true | undefined;
  /** The data of the callee's refusal. */
  declare readonly rejectData: Buffer | undefined;
  /** The number beside that data (`reject(data, { code })`). */
  declare readonly rejectCode: number | undefined;
  /** Whether calling again does no harm; absent if the callee does not say. */
  declare readonly mayRepeat: boolean | undefined;
  /** The number that the peer sent with its reset. */
  declare readonly resetCode: number | undefined;
  /**
   * The rule of the wire format (§8) that the peer broke: `cut` where its
   * connection ended without a last word.
   */
  declare readonly violation: string | undefined;
  /**
   * The place in the package's documentation that says what to do:
   * `goodbyte/docs/errors.md#econnreset`. Absent if Winsock has no such code.
   */
  declare readonly see: string | undefined;

  constructor(status: Status, details: WinsockErrorDetails = {}) {
    const { cause, violation, syscall, address, port } = details;
    const { rejected, rejectData, rejectCode, mayRepeat, resetCode } = details;
    const code = nodeErrorCode(status);
    const name = winsockErrorName(status);
    super(
      withDetail(cause?.message ?? describe(code, details), details.detail),
      cause ? { cause } : undefined,
    );
    all.add(this);
    const members: Record<string, unknown> = {
      errno: errnoOf(code),
      code,
      syscall,
      ...(cause ? undefined : { address, port }),
      ...(cause && Object.fromEntries(Object.entries(cause))),
      winsock: { name: name ?? 'UNKNOWN', code: status },
      rejected,
      rejectData,
      rejectCode,
      mayRepeat,
      resetCode,
      violation,
      see: name && seeOf(violation ?? code),
    };
    for (const [key, value] of Object.entries(members)) {
      if (value !== undefined) {
        Object.defineProperty(this, key, {
          value,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
    }
    if (cause instanceof AggregateError) becomeAggregate(this, cause);
  }

  /** With several addresses it is an AggregateError, too, as in `net`. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === WinsockError
      ? typeof value === 'object' && value !== null && all.has(value)
      : Function.prototype[Symbol.hasInstance].call(this, value);
  }

  static {
    // As in Node's own errors: logs and comparisons start with the same word.
    Object.defineProperty(this.prototype, 'name', {
      value: 'Error',
      configurable: true,
      writable: true,
    });
  }
}

/** The error for a provider's failure. */
export function errorOfFailure(
  failure: Failure,
  syscall: string,
  place: { address?: string | undefined; port?: number | undefined } = {},
): WinsockError {
  const { status, rejectData, ...told } = failure;
  return new WinsockError(status, {
    syscall,
    ...place,
    ...told,
    rejectData: rejectData && asBuffer(rejectData),
  });
}

/** Shaped like Node's: `errors` for all the addresses that were tried. */
function becomeAggregate(
  error: WinsockError,
  { errors, name }: AggregateError,
): void {
  const { code } = error;
  const stack = error.stack?.replace(/^Error(?:: )?/, `${name} [${code}]: `);
  Object.setPrototypeOf(error, AggregateError.prototype);
  for (const [key, value] of Object.entries({ errors, stack })) {
    Object.defineProperty(error, key, {
      value,
      configurable: true,
      writable: true,
    });
  }
}

/** As Node words it: `connect ECONNREFUSED 127.0.0.1:80`. */
function describe(code: string, details: WinsockErrorDetails): string {
  const { syscall, address, port } = details;
  let text = syscall ? `${syscall} ${code}` : code;
  if (address !== undefined) {
    text += ` ${address}`;
    if (port !== undefined) text += `:${port}`;
  }
  return text;
}

/** Each code and each rule of the wire format has an anchor of its name. */
const seeOf = (name: string) => `goodbyte/docs/errors.md#${name.toLowerCase()}`;

function withDetail(text: string, detail: string | undefined): string {
  return detail ? `${text}: ${escapeControls(detail)}` : text;
}

/**
 * Text that a peer influences never moves a terminal's cursor, starts a log
 * line or changes the text direction (contract row 15).
 */
function escapeControls(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

let errnos: Map<string, number> | undefined;

/** Node's `errno` for a code: -111 for `ECONNREFUSED` on Linux. */
function errnoOf(code: string): number | undefined {
  errnos ??= new Map(
    Array.from(getSystemErrorMap(), ([errno, [name]]) => [name, errno]),
  );
  return errnos.get(code);
}

/** The same octets as a Buffer. */
export function asBuffer(octets: Uint8Array): Buffer {
  return Buffer.isBuffer(octets)
    ? octets
    : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}
