import type { Socket } from '../socket.js';

/** The part of `_handle` that programs with knowledge of `net` use. */
export interface Handle {
  /** No descriptor is available. */
  readonly fd: -1;
  close(callback?: () => void): void;
  getAsyncId(): number;
  readStart(): number;
  readStop(): number;
  ref(): void;
  unref(): void;
  setNoDelay(on?: boolean): number;
  setKeepAlive(on?: boolean, seconds?: number): number;
}

export function handleOf(socket: Socket): Handle {
  return {
    fd: -1,
    close(callback) {
      if (callback) socket.once('close', callback);
      socket.destroy();
    },
    // Of the loop: the connection itself has none.
    getAsyncId: () => 1,
    // The stream's own: node:http calls these beside resume() and pause().
    readStart: () => 0,
    readStop: () => 0,
    ref: () => void socket.ref(),
    unref: () => void socket.unref(),
    setNoDelay(on) {
      socket.setNoDelay(on);
      return 0;
    },
    setKeepAlive(on, seconds = 0) {
      socket.setKeepAlive(on, seconds * 1000);
      return 0;
    },
  };
}
