import type { Duplex } from 'node:stream';
import type { Chained } from '../../chain.js';
import type { Qos } from '../../vocabulary/qos.js';
import type { Address, ConnectRequest } from '../provider.js';
import type { FramedSocket } from './socket.js';

/** The end of a medium that tells no address. */
export const nowhere: Address = { family: 'unix', address: '', port: 0 };

/** A request at a framed listener: what CONNECT said, and who sent it. */
export class FramedRequest implements ConnectRequest, Chained<FramedRequest> {
  readonly socket: FramedSocket;
  readonly callerData: Uint8Array | undefined;
  readonly callerOptions: Uint8Array | undefined;
  readonly sqos: Qos | undefined;
  readonly calleeDataLimit: number;
  readonly framed: boolean;
  #callerId: Address | undefined;
  #calleeId: Address | undefined;

  /** Of the listener's requests that it is among. */
  chain: object | undefined;
  previous: FramedRequest | undefined;
  next: FramedRequest | undefined;

  deferred = false;
  /** The caller has left, or the verdict came too late. */
  withdrawn = false;
  onwithdrawn: (() => void) | undefined;

  /**
   * @param calleeDataLimit what CONNECT said of it; `undefined` for a plain
   *  peer, which has sent no CONNECT.
   */
  constructor(socket: FramedSocket, calleeDataLimit: number | undefined) {
    this.socket = socket;
    this.framed = calleeDataLimit !== undefined;
    this.calleeDataLimit = calleeDataLimit ?? 0;
    this.callerData = socket.callerData;
    this.callerOptions = socket.callerOptions;
    this.sqos = socket.sqos;
  }

  // Each costs a system call, and most condition functions look at neither.

  get callerId(): Address {
    return (this.#callerId ??= this.socket.remoteAddress ?? nowhere);
  }

  get calleeId(): Address {
    return (this.#calleeId ??= this.socket.localAddress ?? nowhere);
  }

  get stream(): Duplex | undefined {
    return this.socket.stream;
  }
}
