import type { Duplex } from 'node:stream';
import type { Qos } from '../../vocabulary/qos.js';
import type { Address, ConnectRequest } from '../provider.js';
import type { FramedSocket } from './socket.js';
import type { Fields } from './fields.js';

/** The end of a medium that tells no address. */
export const nowhere: Address = { family: 'unix', address: '', port: 0 };

/** A request at a framed listener: CONNECT's fields, and who sent them. */
export class FramedRequest implements ConnectRequest {
  readonly socket: FramedSocket;
  readonly callerData: Uint8Array | undefined;
  readonly callerOptions: Uint8Array | undefined;
  readonly sqos: Qos | undefined;
  readonly calleeDataLimit: number;
  readonly framed: boolean;
  readonly callerId: Address;
  readonly calleeId: Address;

  deferred = false;
  /** The caller has left, or the verdict came too late. */
  withdrawn = false;
  onwithdrawn: (() => void) | undefined;

  /** @param fields CONNECT's; `undefined` for a plain peer. */
  constructor(socket: FramedSocket, fields: Fields | undefined) {
    this.socket = socket;
    this.framed = fields !== undefined;
    this.callerData = fields?.userData;
    this.callerOptions = fields?.userOptions;
    this.sqos = fields?.qos;
    this.calleeDataLimit = fields?.limits?.handshakeData ?? 0;
    this.callerId = socket.remoteAddress ?? nowhere;
    this.calleeId = socket.localAddress ?? nowhere;
  }

  get stream(): Duplex | undefined {
    return this.socket.stream;
  }
}
