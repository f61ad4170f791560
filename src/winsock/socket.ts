/** A socket: opaque; every call on it is a function of this module. */
export abstract class SOCKET {
  /** Only for TypeScript, to which every object would be a SOCKET. */
  declare protected readonly kind: 'SOCKET';
}

class InvalidSocket extends SOCKET {}

/** The return value of WSASocket and WSAAccept on failure. */
export const INVALID_SOCKET: SOCKET = new InvalidSocket();
