import { Chain, type Chained } from '../chain.js';
import type { Server } from '../server.js';
import type { Socket } from '../socket.js';
import type { SocketHome } from '../socket/home.js';
import type { Listening } from './listening.js';

/** A connection that a server has accepted, among all of its connections. */
class Connection implements Chained<Connection>, SocketHome {
  chain: object | undefined;
  previous: Connection | undefined;
  next: Connection | undefined;

  readonly #connections: Connections;
  socket: Socket | undefined;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  ondestroyed(): void {
    this.#connections.onDestroyed(this);
  }

  onreleased(): void {
    this.#connections.onReleased();
  }
}

/**
 * The connections of a server, and what it waits for before it is closed:
 * that none is left, and none of their last words is on its way.
 */
export class Connections {
  readonly #server: Server;
  readonly #listening: Listening;
  readonly #open = new Chain<Connection>();
  /** All of them, until nothing is left of them. */
  #unreleased = 0;
  #closing = false;

  constructor(server: Server, listening: Listening) {
    this.#server = server;
    this.#listening = listening;
  }

  get size(): number {
    return this.#open.size;
  }

  get sockets(): Socket[] {
    return Array.from(this.#open, ({ socket }) => socket!);
  }

  /** @param make makes the Socket of a connection, given its home. */
  add(make: (home: SocketHome) => Socket): Socket {
    const connection = new Connection(this);
    this.#open.add(connection);
    this.#unreleased++;
    connection.socket = make(connection);
    return connection.socket;
  }

  onDestroyed(connection: Connection): void {
    this.#open.delete(connection);
    if (this.#closing) this.emitCloseIfNoneIsLeft();
  }

  onReleased(): void {
    this.#unreleased--;
    if (this.#closing) this.emitCloseIfNoneIsLeft();
  }

  /** From here on `close` comes when the last one is gone. */
  expectClose(): void {
    this.#closing = true;
  }

  emitCloseIfNoneIsLeft(): void {
    if (this.#listening.isOpen || this.#open.size > 0 || this.#unreleased > 0) {
      return;
    }
    this.#closing = false;
    process.nextTick(() => this.#server.emit('close'));
  }
}
