import type { Address } from '../provider/provider.js';
import type { Socket } from '../socket.js';
import type { ConditionRequest } from './condition.js';
import type { DropArgument } from './options.js';

/** Arguments of a Server's events: those of `node:net`, and two of ours. */
export interface ServerEventMap {
  close: [];
  /** The condition function threw, or returned no verdict. */
  conditionError: [error: unknown, request: ConditionRequest];
  connection: [socket: Socket];
  drop: [about?: DropArgument];
  error: [error: Error];
  /** A caller did not reach the condition function. */
  handshakeError: [error: Error, callerId: Address];
  listening: [];
}
