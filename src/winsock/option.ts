import type { Status } from '../vocabulary/error-codes.js';
import type { SocketOptionValue } from './option-values.js';
import type { SocketHandle } from './socket-handle.js';

/** Reads and sets one option. */
export interface Option {
  /** `undefined`: this socket lacks it. */
  get: (socket: SocketHandle) => SocketOptionValue | undefined;
  /** Absent for a read-only option. */
  set?: (socket: SocketHandle, value: unknown) => Status;
}
