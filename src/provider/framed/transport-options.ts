import { SOCK_SEQPACKET } from '../../vocabulary/constants.js';
import type { ConnectParameters, SocketOptions } from '../provider.js';
import type { TransportOptions } from './transport.js';
import { controlFrameLimit, Role } from './wire.js';

/**
 * Decoding options for the octets of `from`.
 *
 * @param parameters of a caller, which bound the callee's answer.
 */
export function transportOptions(
  options: Readonly<SocketOptions>,
  from: Role,
  parameters?: ConnectParameters,
): TransportOptions {
  const { socketType, userDataLimit, messageLimit, plainAfter } = options;
  const allowPlain = options.allowPlain && from === Role.caller;
  return {
    from,
    controlLimit: controlFrameLimit(
      Math.max(userDataLimit, parameters?.calleeDataLimit ?? 0),
    ),
    messageLimit: socketType === SOCK_SEQPACKET ? messageLimit : undefined,
    allowPlain,
    plainAfter: allowPlain ? plainAfter : undefined,
    holdLimit: options.receiveBuffer,
  };
}
