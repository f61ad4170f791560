import type { ProviderConnection } from '../provider/provider.js';
import type { Socket } from '../socket.js';

/** A Socket's connection, as its handle sees it. */
export interface HandleOwner {
  readonly socket: Socket | undefined;
  readonly isOpen: boolean;
  /** Its Socket is left without a connection. */
  handOver(): void;
}

/**
 * The part of `_handle` that programs with knowledge of `net` use. As in `net`,
 * a Socket's settings go through its methods, which may be replaced, and a
 * Socket may be made of it.
 */
export class Handle {
  /** No descriptor is available. */
  readonly fd = -1;
  readonly #provider: ProviderConnection;
  #owner: HandleOwner | undefined;
  #isClosed = false;

  constructor(provider: ProviderConnection) {
    this.#provider = provider;
  }

  /** It was closed, and its Socket is about to be: nothing can be written. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The connection that it belongs to from now on. */
  set owner(owner: HandleOwner) {
    this.#owner = owner;
    this.#isClosed = false;
  }

  /**
   * Takes it from its Socket.
   *
   * @returns `undefined`: there is no open connection.
   */
  handOver(): ProviderConnection | undefined {
    const owner = this.#owner;
    if (owner && !(owner.socket && owner.isOpen)) return undefined;
    owner?.handOver();
    return this.#provider;
  }

  close(callback?: () => void): void {
    this.#isClosed = true;
    const socket = this.#owner?.socket;
    if (!socket) {
      this.#provider.close();
      if (callback) setImmediate(callback);
      return;
    }
    if (callback) socket.once('close', callback);
    // As in net, a write before that has an error of its own.
    setImmediate(destroy, socket);
  }

  /** The loop's id: the connection has no id of its own. */
  getAsyncId(): number {
    return 1;
  }

  /** The stream's own: node:http calls these beside resume() and pause(). */
  readStart(): number {
    return 0;
  }

  readStop(): number {
    return 0;
  }

  ref(): void {
    if (this.#owner) this.#owner.socket?.ref();
    else this.#provider.ref();
  }

  unref(): void {
    if (this.#owner) this.#owner.socket?.unref();
    else this.#provider.unref();
  }

  setNoDelay(on = true): number {
    if (this.#owner?.isOpen === false) this.#owner.socket?.setNoDelay(on);
    else this.#provider.medium.setNoDelay(on);
    return 0;
  }

  /**
   * @param delay seconds before the first probe.
   * @param interval seconds between two.
   * @param count probes without an answer.
   */
  setKeepAlive(
    on = false,
    delay = 0,
    interval?: number,
    count?: number,
  ): number {
    const milliseconds = interval === undefined ? undefined : 1000 * interval;
    if (this.#owner?.isOpen === false) {
      this.#owner.socket?.setKeepAlive(on, 1000 * delay, milliseconds, count);
    } else {
      const probes = { interval: milliseconds, count };
      this.#provider.medium.setKeepAlive(on, 1000 * delay, probes);
    }
    return 0;
  }
}

function destroy(socket: Socket): void {
  socket.destroy();
}

/** A write to it, in net's words. */
export function closedHandle(): Error {
  const members = { code: 'EBADF', syscall: 'write' };
  return Object.assign(new Error('write EBADF'), members);
}
