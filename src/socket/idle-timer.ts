import type { Socket } from '../socket.js';
import type { Connection } from './connection.js';

/** Emits `timeout` after a socket's inactivity. */
export class IdleTimer {
  /** The one under way, whose writes count as activity. */
  connection: Connection | undefined;

  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;
  /** Octets that were not sent when the time was up. */
  #unsentThen = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @param milliseconds 0 stops it. */
  start(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer =
      milliseconds > 0
        ? setTimeout(ontimeout, milliseconds, this).unref()
        : undefined;
  }

  touch(): void {
    this.#timer?.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  onTimeout(): void {
    // A write that makes progress is activity.
    const unsent = this.connection?.provider.unsent ?? 0;
    if (unsent > 0 && unsent !== this.#unsentThen) {
      this.#unsentThen = unsent;
      this.start(this.#socket.timeout ?? 0);
      return;
    }
    this.#socket.emit('timeout');
  }
}

function ontimeout(timer: IdleTimer): void {
  timer.onTimeout();
}
