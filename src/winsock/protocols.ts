import { invalidArgType } from '../arguments.js';
import type { ProtocolInfo } from '../vocabulary/protocol-info.js';
import { providers } from '../provider/select.js';

/**
 * The protocols of every provider, with the services that each declares, most
 * preferred first.
 *
 * @param wanted protocol numbers (IPPROTO_TCP; 0: protocols without a number);
 *  null: all.
 * @returns copies; WSASocket accepts them.
 * @see "WSAEnumProtocolsW function (winsock2.h)"
 */
export function WSAEnumProtocols(
  wanted?: readonly number[] | null,
): ProtocolInfo[] {
  if (wanted && !Array.isArray(wanted)) {
    throw invalidArgType('wanted', 'an array of numbers', wanted);
  }
  const found: ProtocolInfo[] = [];
  for (const { protocols } of providers()) {
    for (const info of protocols) {
      if (!wanted || wanted.includes(info.protocolNumber)) {
        found.push({ ...info });
      }
    }
  }
  return found;
}
