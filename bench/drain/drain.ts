import type { Place } from '../support/place.js';

/** The server's last word is the same for all its clients. */
export const EVERYBODY = 0;

/** Milliseconds that clients have for their answers. */
export const DEADLINE = 30_000;

/** An implementation of a drain: both sides. */
export interface Drain {
  listen(place: Place): Promise<DrainServer>;
  /** Connects a client that answers the server's last word with its own. */
  connect(place: Place, id: number): Promise<void>;
}

export interface DrainServer {
  readonly place: Place;
  /** Accepted connections that are open. */
  readonly connections: number;
  /**
   * Stops listening, says the last word to every client, and waits until all have
   * answered and left.
   *
   * @throws unless each has answered with its word.
   */
  drain(): Promise<void>;
}
