/** A closed connection, whose last octets are on their way. */
export interface Lingering {
  /** They are no more, and the peer sees a reset. */
  cut(): void;
}

/** A server's view of a socket that it accepted. */
export interface SocketHome {
  /** Nobody listens for it. @returns whether the server is told. */
  onerror(error: Error): boolean;
  /** The socket is destroyed: it counts as a connection no more. */
  ondestroyed(lingering: Lingering): void;
  /** Nothing of it is left; its last word is out. */
  onreleased(): void;
}
