import type { Server } from '../server.js';
import type { Socket } from '../socket.js';
import type { Listening } from './listening.js';

/**
 * The connections of a server, and what it waits for before it is closed:
 * that none is left, and none of their last words is on its way.
 */
export class Connections {
  readonly #server: Server;
  readonly #listening: Listening;
  readonly #open = new Set<Socket>();
  /** All of them, until nothing is left of them. */
  readonly #unreleased = new Set<Socket>();
  #closing = false;

  constructor(server: Server, listening: Listening) {
    this.#server = server;
    this.#listening = listening;
  }

  get size(): number {
    return this.#open.size;
  }

  [Symbol.iterator](): IterableIterator<Socket> {
    return this.#open.values();
  }

  add(socket: Socket): void {
    this.#open.add(socket);
    this.#unreleased.add(socket);
  }

  onDestroyed(socket: Socket): void {
    this.#open.delete(socket);
    if (this.#closing) this.emitCloseIfNoneIsLeft();
  }

  onReleased(socket: Socket): void {
    this.#unreleased.delete(socket);
    if (this.#closing) this.emitCloseIfNoneIsLeft();
  }

  /** From here on `close` comes when the last one is gone. */
  expectClose(): void {
    this.#closing = true;
  }

  emitCloseIfNoneIsLeft(): void {
    if (
      this.#listening.isOpen ||
      this.#open.size > 0 ||
      this.#unreleased.size > 0
    ) {
      return;
    }
    this.#closing = false;
    process.nextTick(() => this.#server.emit('close'));
  }
}
