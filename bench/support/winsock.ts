import {
  AF_INET,
  AF_UNIX,
  SOCKET_ERROR,
  WSAGetLastError,
  WSASend,
  type SOCKADDR,
  type SOCKET,
} from '../../src/winsock/index.js';
import type { Place } from './place.js';

/** @throws if a call failed, or an event reports a failure. */
export function must(result: number): void {
  if (result === 0) return;
  const code = result < 0 ? WSAGetLastError() : result;
  throw new Error(`failed with ${code}`);
}

/** @throws unless all is sent or queued. */
export function mustSend(socket: SOCKET, octets: Uint8Array): void {
  if (WSASend(socket, octets) === SOCKET_ERROR) {
    throw new Error(`WSASend failed with ${WSAGetLastError()}`);
  }
}

export function sockaddrOf(place: Place): SOCKADDR {
  return 'path' in place
    ? { family: AF_UNIX, address: place.path, port: 0 }
    : { family: AF_INET, address: place.host, port: place.port };
}

export function placeOf({ family, address, port }: SOCKADDR): Place {
  return family === AF_UNIX ? { path: address } : { host: address, port };
}
