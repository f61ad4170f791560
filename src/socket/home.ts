import type { Socket } from '../socket.js';

/** A closed connection that is still sending. */
export interface Lingering {
  /**
   * Drops them; the peer sees a reset.
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
  /** Nobody listens for it. @returns whether the server gets it. */
  onerror(error: Error): boolean;
  /** A last word was sent or received. */
  onword(direction: 'sent' | 'received'): void;
  /** Our last word may not have reached the peer. */
  onwordlost(): void;
  /** The socket is destroyed: it no longer counts as a connection. */
  ondestroyed(lingering: Lingering, ending: Ending, error: Error | null): void;
  /** The connection is gone; its last word is sent. */
  onreleased(): void;
}
