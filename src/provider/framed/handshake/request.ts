import type { Duplex } from 'node:stream';
import type { Chained } from '../../../chain.js';
import type { Qos } from '../../../vocabulary/qos.js';
import type { Address, ConnectData, ConnectRequest } from '../../provider.js';

/** An end of a medium without addresses. */
export const nowhere: Address = { family: 'unix', address: '', port: 0 };

/** The connection that a request is for. */
export interface Requested {
  readonly connectData: ConnectData;
  readonly localAddress: Address | undefined;
  readonly remoteAddress: Address | undefined;
  readonly stream: Duplex | undefined;
}

/** A request at a framed listener: CONNECT's contents, and its sender. */
export class FramedRequest<C extends Requested>
  implements ConnectRequest, Chained<FramedRequest<C>>
{
  readonly connection: C;
  readonly callerData: Uint8Array | undefined;
  readonly callerOptions: Uint8Array | undefined;
  readonly sqos: Qos | undefined;
  readonly calleeDataLimit: number;
  readonly framed: boolean;
  #callerId: Address | undefined;
  #calleeId: Address | undefined;

  /** The listener's chain of requests that contains it. */
  chain: object | undefined;
  previous: FramedRequest<C> | undefined;
  next: FramedRequest<C> | undefined;

  deferred = false;
  /** The caller has left, or the verdict came too late. */
  withdrawn = false;
  onwithdrawn: (() => void) | undefined;

  /**
   * @param calleeDataLimit from CONNECT; `undefined` for a plain peer, which
   *  has sent no CONNECT.
   */
  constructor(connection: C, calleeDataLimit: number | undefined) {
    this.connection = connection;
    this.framed = calleeDataLimit !== undefined;
    this.calleeDataLimit = calleeDataLimit ?? 0;
    const { callerData, callerOptions, sqos } = connection.connectData;
    this.callerData = callerData;
    this.callerOptions = callerOptions;
    this.sqos = sqos;
  }

  // Each costs a system call, and most condition functions read neither.

  get callerId(): Address {
    return (this.#callerId ??= this.connection.remoteAddress ?? nowhere);
  }

  get calleeId(): Address {
    return (this.#calleeId ??= this.connection.localAddress ?? nowhere);
  }

  get stream(): Duplex | undefined {
    return this.connection.stream;
  }
}
