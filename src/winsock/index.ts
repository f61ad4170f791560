/**
 * Winsock2's calls, by their names and with their semantics, on every system.
 *
 * A socket's condition is never thrown: a call returns the same as in C,
 * SOCKET_ERROR or INVALID_SOCKET if it fails, and WSAGetLastError returns the
 * error. Only mistakes of the program are thrown: a TypeError or RangeError for
 * an argument that a C compiler would reject.
 *
 * docs/winsock-mapping.md lists how each call departs from Winsock's.
 */
export * from '../vocabulary/constants.js';
export * from '../vocabulary/error-codes.js';
export * from '../vocabulary/qos.js';
export type { ProtocolInfo } from '../vocabulary/protocol-info.js';
export type { Failure, ListenerStatistics } from '../provider/provider.js';

export { WSAGetLastError, WSASetLastError } from './last-error.js';
export { WSACleanup, WSAStartup, type WSADATA } from './startup.js';
export { WSAEnumProtocols } from './protocols.js';
export { INVALID_SOCKET, SOCKET } from './socket.js';
export type { SOCKADDR } from './sockaddr.js';
export type { WSABUF } from './buffers.js';
export { WSASocket, type WSASocketOptions } from './create.js';
export { bind, getpeername, getsockname } from './names.js';
export { listen } from './listen.js';
export { connect, WSAConnect } from './connect.js';
export { accept, WSAAccept, type ConditionFunction } from './accept.js';
export { recvChunk, sendChunk, WSARecv, WSASend } from './transfer.js';
export {
  closesocket,
  shutdown,
  WSARecvDisconnect,
  WSASendDisconnect,
} from './disconnect.js';
export {
  WSA_INVALID_EVENT,
  WSACloseEvent,
  WSACreateEvent,
  WSAEVENT,
  WSAResetEvent,
  WSASetEvent,
  WSAWaitForMultipleEvents,
} from './event-objects.js';
export { WSAEnumNetworkEvents, WSAEventSelect } from './event-select.js';
export type { WSANETWORKEVENTS } from './network-events.js';
export { getsockopt, setsockopt } from './options.js';
export type { Linger, SocketOptionValue } from './option-values.js';
export {
  extendedError,
  listenerStatistics,
  type ExtendedError,
} from './extended-error.js';
