/** What a server knows of a socket that it accepted. */
export interface SocketHome {
  /** The socket is destroyed: it counts as a connection no more. */
  ondestroyed(): void;
  /** Nothing of it is left; its last word is out. */
  onreleased(): void;
}
