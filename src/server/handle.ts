import type { Handle } from '../socket/handle.js';
import type { Socket } from '../socket.js';

/** The server of a handle. */
interface HandleServer {
  close(callback?: () => void): unknown;
  ref(): unknown;
  unref(): unknown;
}

/**
 * The part of a server's `_handle` that programs with knowledge of `net` use. As
 * in `net`, accepted connections go through `onconnection`.
 */
export class ServerHandle {
  /** No descriptor is available. */
  readonly fd = -1;
  /**
   * Makes the Socket of an accepted connection; may be replaced.
   *
   * @param error always 0.
   */
  onconnection: (error: number, connection: Handle) => void;
  readonly #server: HandleServer;
  #made: Socket | undefined;

  constructor(server: HandleServer, make: (connection: Handle) => Socket) {
    this.#server = server;
    this.onconnection = (_error, connection) => {
      this.#made = make(connection);
    };
  }

  /** @returns `undefined`: whoever replaced `onconnection` has kept it. */
  take(connection: Handle): Socket | undefined {
    this.#made = undefined;
    this.onconnection(0, connection);
    return this.#made;
  }

  close(callback?: () => void): void {
    this.#server.close(callback);
  }

  ref(): void {
    this.#server.ref();
  }

  unref(): void {
    this.#server.unref();
  }
}
