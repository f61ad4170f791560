import { checkInteger } from '../arguments.js';
import {
  WSAEFAULT,
  WSAEINVAL,
  WSAEISCONN,
  WSAEMSGSIZE,
  type Status,
} from '../vocabulary/error-codes.js';
import { NOTHING, userData } from './option-values.js';
import type { Option } from './option.js';
import type { SocketHandle } from './socket-handle.js';
import { noUserData, type UserDataOptions } from './user-data-options.js';

// Setting and reading SO_CONNDATA to SO_DISCOPTLEN.

/** The most octets of user data in a wire field. */
const MOST_USER_DATA = 65_535;

export function userDataOf(socket: SocketHandle): UserDataOptions {
  socket.userData ??= noUserData();
  return socket.userData;
}

export function connectOption(
  name: 'connectData' | 'connectOptions',
  received: (socket: SocketHandle) => Uint8Array | undefined,
): Option {
  return {
    get: (socket) => received(socket) ?? NOTHING,
    set(socket, value) {
      const octets = userData(value);
      if (socket.stage === 'connected') return WSAEISCONN;
      if (socket.stage === 'connecting') return WSAEINVAL;
      if ((octets?.length ?? 0) > MOST_USER_DATA) return WSAEFAULT;
      userDataOf(socket)[name] = octets;
      return 0;
    },
  };
}

export function reserveOption(
  name: 'connectDataLength' | 'connectOptionsLength',
  received: (socket: SocketHandle) => Uint8Array | undefined,
): Option {
  return {
    get: (socket) => received(socket)?.length ?? 0,
    set(socket, value) {
      checkInteger(value, 'value', 0, MOST_USER_DATA);
      if (socket.stage !== 'unconnected') return WSAEINVAL;
      userDataOf(socket)[name] = value as number;
      return 0;
    },
  };
}

export function receivedData(socket: SocketHandle): Uint8Array | undefined {
  const { connection, isAccepted } = socket;
  if (isAccepted) return connection?.connectData.callerData;
  return connection?.failure
    ? connection.failure.rejectData
    : connection?.connectData.calleeData;
}

export function receivedOptions(socket: SocketHandle): Uint8Array | undefined {
  const { connection, isAccepted } = socket;
  const { callerOptions, calleeOptions } = connection?.connectData ?? {};
  return isAccepted ? callerOptions : calleeOptions;
}

export function peersLastWord({
  connection,
}: SocketHandle): Uint8Array | undefined {
  const found = connection?.inbox.receiveDisconnect(Number.POSITIVE_INFINITY);
  return typeof found === 'number' ? undefined : found;
}

export function peersOptions({
  connection,
}: SocketHandle): Uint8Array | undefined {
  return connection?.receivedExtras?.options;
}

export function setDisconnectOptions(
  socket: SocketHandle,
  options: Uint8Array | undefined,
): void {
  const { connection } = socket;
  userDataOf(socket).disconnectExtras = { options };
  if (!connection) return;
  connection.disconnectExtras = { ...connection.disconnectExtras, options };
}

export function lastWordFits(
  { stage, connection }: SocketHandle,
  octets: Uint8Array | undefined,
): Status {
  const length = octets?.length ?? 0;
  if (length > MOST_USER_DATA) return WSAEFAULT;
  return connection &&
    stage === 'connected' &&
    length > connection.disconnectDataLimit
    ? WSAEMSGSIZE
    : 0;
}

export function reserveLastWord(
  { traits }: SocketHandle,
  value: unknown,
): Status {
  checkInteger(value, 'value', 0, MOST_USER_DATA);
  return (value as number) > traits.options.userDataLimit ? WSAEINVAL : 0;
}
