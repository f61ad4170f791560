import type { Qos } from '../../vocabulary/qos.js';
import {
  noConnectData,
  type ConnectData,
  type DisconnectExtras,
} from '../provider.js';
import type { Fields } from './fields.js';

type UserData = Pick<Fields, 'userData' | 'userOptions'>;

export function connectDataOf(
  caller: UserData | undefined,
  callee: UserData | undefined,
  sqos: Qos | undefined,
): ConnectData {
  const callerData = some(caller?.userData);
  const callerOptions = some(caller?.userOptions);
  const calleeData = some(callee?.userData);
  const calleeOptions = some(callee?.userOptions);
  const isNothing =
    !callerData && !callerOptions && !calleeData && !calleeOptions && !sqos;
  return isNothing
    ? noConnectData
    : { callerData, callerOptions, calleeData, calleeOptions, sqos };
}

/** The options and the code of a DISCONNECT. */
export function extrasOf(fields: Fields): DisconnectExtras | undefined {
  const options = some(fields.userOptions);
  const { code } = fields;
  return options || code !== undefined ? { options, code } : undefined;
}

/** Empty equals absent (contract row 1). */
export function some(data: Uint8Array | undefined): Uint8Array | undefined {
  return data?.length ? data : undefined;
}
