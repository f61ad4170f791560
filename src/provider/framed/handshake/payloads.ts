import {
  WSAECONNREFUSED,
  WSAECONNRESET,
  WSAETIMEDOUT,
} from '../../../vocabulary/error-codes.js';
import { SERVICETYPE_GUARANTEED, type Qos } from '../../../vocabulary/qos.js';
import type {
  ConnectParameters,
  Failure,
  SocketOptions,
  Verdict,
} from '../../provider.js';
import {
  encodeFields,
  MAX_PROVIDER_SPECIFIC,
  type Fields,
  type Limits,
} from '../fields.js';
import { MAX_USER_DATA } from '../wire.js';

/** Fields of the control frames of this side (wire format §7). */

export function connectPayload(
  options: SocketOptions,
  parameters: ConnectParameters,
): Uint8Array {
  return encodeFields({
    socketType: options.socketType,
    limits: ownLimits(options, parameters.calleeDataLimit),
    userData: parameters.callerData,
    userOptions: parameters.callerOptions,
    qos: parameters.sqos,
    idleLimit: options.idleTimeout,
  });
}

/** @param knowsIdle the caller has announced an idle limit. */
export function acceptPayload(
  options: SocketOptions,
  verdict: Verdict,
  knowsIdle: boolean,
): Uint8Array {
  return encodeFields({
    limits: ownLimits(options, options.userDataLimit),
    userData: verdict.data,
    userOptions: verdict.options,
    qos: verdict.sqos,
    idleLimit: knowsIdle ? options.idleTimeout : undefined,
  });
}

/** REJECT's, as the condition function decided. */
export function rejectFields(verdict: Verdict): Fields {
  const { status = WSAECONNREFUSED, data, code, mayRepeat } = verdict;
  return { status, userData: data, code, mayRepeat };
}

/** @param failure more detail, if there is any. */
export function resetPayload(failure: Failure | undefined): Uint8Array {
  const isLate = failure?.status === WSAETIMEDOUT;
  return encodeFields({
    status: isLate ? WSAETIMEDOUT : WSAECONNRESET,
    reason: failure?.detail,
    code: failure?.resetCode,
  });
}

/** Limits that this side announces (contract row 2). */
export function ownLimits(
  options: SocketOptions,
  handshakeData: number,
): Limits {
  return {
    handshakeData,
    disconnectData: options.userDataLimit,
    message: options.messageLimit,
  };
}

/** Whether it fits into CONNECT. */
export function fitsConnect(parameters: ConnectParameters): boolean {
  const { callerData, callerOptions, sqos } = parameters;
  return (
    (callerData?.length ?? 0) <= MAX_USER_DATA &&
    (callerOptions?.length ?? 0) <= MAX_USER_DATA &&
    (sqos?.providerSpecific?.length ?? 0) <= MAX_PROVIDER_SPECIFIC
  );
}

/** Framing over a stream guarantees nothing about time. */
export function canServe(sqos: Qos | undefined): boolean {
  return (
    sqos?.sending.serviceType !== SERVICETYPE_GUARANTEED &&
    sqos?.receiving.serviceType !== SERVICETYPE_GUARANTEED
  );
}
