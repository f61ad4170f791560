import type { Socket } from '../socket.js';

/** A closed connection, whose last octets are on their way. */
export interface Lingering {
  /**
   * They are no more, and the peer sees a reset.
   *
   * @param socket whose connection it was.
   */
  cut(socket: Socket): void;
}

/**
 * State of a connection when its socket is destroyed: both last words said
 * (`ended`); neither read nor failed, and closed here (`closed`); broken by the
 * peer or on the way (`failed`); aborted here (`aborted`).
 */
export type Ending = 'ended' | 'closed' | 'failed' | 'aborted';

/** A server's view of a socket that it accepted. */
export interface SocketHome {
  /** Nobody listens for it. @returns whether the server is told. */
  onerror(error: Error): boolean;
  /** A last word was sent or received. */
  onword(direction: 'sent' | 'received'): void;
  /** Our last word may not have reached the peer. */
  onwordlost(): void;
  /** The socket is destroyed: it counts as a connection no more. */
  ondestroyed(lingering: Lingering, ending: Ending, error: Error | null): void;
  /** Nothing of it is left; its last word is out. */
  onreleased(): void;
}
