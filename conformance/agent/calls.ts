import * as beyond from '../../src/winsock/beyond.js';
import * as winsock from '../../src/winsock/index.js';

/** The calls that an agent makes; a wrong agent replaces some of them. */
export type Calls = Pick<
  typeof winsock,
  | 'WSACreateEvent'
  | 'WSAEventSelect'
  | 'WSAEnumNetworkEvents'
  | 'WSAGetLastError'
  | 'WSASocket'
  | 'WSAConnect'
  | 'WSAAccept'
  | 'WSASend'
  | 'WSARecv'
  | 'WSASendDisconnect'
  | 'WSARecvDisconnect'
  | 'bind'
  | 'listen'
  | 'shutdown'
  | 'closesocket'
  | 'getsockname'
  | 'getsockopt'
  | 'setsockopt'
> &
  typeof beyond;

/** The calls of this library. */
export const libraryCalls: Calls = { ...winsock, ...beyond };
