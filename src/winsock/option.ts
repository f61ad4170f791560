import type { Status } from '../vocabulary/error-codes.js';
import type { SocketOptionValue } from './option-values.js';
import type { SocketHandle } from './socket-handle.js';

/** One option, as it is read and set. */
export interface Option {
  /** `undefined`: this socket has none. */
  get: (socket: SocketHandle) => SocketOptionValue | undefined;
  /** Absent: it can only be read. */
  set?: (socket: SocketHandle, value: unknown) => Status;
}
