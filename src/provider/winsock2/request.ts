import type { NativeName } from '../../native-winsock.js';
import type { Qos } from '../../vocabulary/qos.js';
import type { Address, ConnectRequest } from '../provider.js';

/** Stands for a name that a provider does not give. */
const nowhere: Address = { family: 'unix', address: '', port: 0 };

export function addressOf(name: NativeName | undefined): Address | undefined {
  if (!name) return undefined;
  const [family, address, port] = name;
  return { family: family === 4 ? 'IPv4' : 'IPv6', address, port };
}

/** A caller that WSAAccept's condition function is asked about. */
export class Winsock2Request implements ConnectRequest {
  readonly callerId: Address;
  readonly calleeId: Address;
  readonly callerData: Uint8Array | undefined;
  // SO_CONNOPT belongs to the socket that is yet to be accepted.
  readonly callerOptions = undefined;
  readonly sqos: Qos | undefined;
  readonly calleeDataLimit: number;
  readonly framed: boolean;
  readonly stream = undefined;

  deferred = false;
  withdrawn = false;
  onwithdrawn: (() => void) | undefined;

  constructor(
    callerId: NativeName | undefined,
    calleeId: NativeName | undefined,
    callerData: Uint8Array | undefined,
    sqos: Qos | undefined,
    calleeDataLimit: number,
    carriesData: boolean,
  ) {
    this.callerId = addressOf(callerId) ?? nowhere;
    this.calleeId = addressOf(calleeId) ?? nowhere;
    this.callerData = callerData;
    this.sqos = sqos;
    this.calleeDataLimit = calleeDataLimit;
    this.framed = carriesData;
  }

  /**
   * A deferred request is recognised by its caller; or, if a provider has no
   * name for a caller that has left, by being offered first.
   */
  isFrom(caller: Address): boolean {
    const { address, port } = this.callerId;
    return (
      caller.address === '' ||
      (address === caller.address && port === caller.port)
    );
  }
}
