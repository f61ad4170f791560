import type { NativeName } from '../../native-winsock.js';
import type { Qos } from '../../vocabulary/qos.js';
import type { Address, ConnectRequest } from '../provider.js';

/** A name that a provider does not tell. */
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
  // SO_CONNOPT is the socket's that is yet to be accepted.
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
   * A deferred request is known again by who calls; and it is the one that is
   * offered first, where a provider has no name of a caller that has left.
   */
  isFrom(caller: Address): boolean {
    const { address, port } = this.callerId;
    return (
      caller.address === '' ||
      (address === caller.address && port === caller.port)
    );
  }
}
