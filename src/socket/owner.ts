import type { SocketOwner } from '../provider/provider.js';
import type { Socket } from '../socket.js';
import type { Status } from '../vocabulary/error-codes.js';

/** What a server knows of a socket that it accepted. */
export interface SocketHome {
  /** The socket is destroyed: it counts as a connection no more. */
  ondestroyed(): void;
  /** Nothing of it is left; its last word is out. */
  onreleased(): void;
}

type Indicate = (socket: Socket, event: number, status: Status) => void;

/**
 * Hears of one connection. It is the connection's and not the socket's: a
 * socket may have its next connection when the last one is released.
 */
export class Owner implements SocketOwner {
  readonly #socket: Socket;
  readonly #indicate: Indicate;
  readonly #home: SocketHome | undefined;

  constructor(
    socket: Socket,
    indicate: Indicate,
    home: SocketHome | undefined,
  ) {
    this.#socket = socket;
    this.#indicate = indicate;
    this.#home = home;
  }

  onindication(event: number, status: Status): void {
    this.#indicate(this.#socket, event, status);
  }

  onreleased(): void {
    this.#home?.onreleased();
  }
}
