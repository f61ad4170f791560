import type { EventEmitter } from 'node:events';
import type { BlockList } from 'node:net';
import type { Condition } from './condition.js';

/** The server, as its parts see it. */
export interface ServerOwner extends EventEmitter {
  readonly condition: Condition | undefined;
  readonly maxConnections: number | undefined;
  readonly blockList: BlockList | undefined;
  close(): unknown;
}
