import { rethrowLater } from '../diagnostics.js';
import { asBuffer } from '../errors.js';
import type { Socket } from '../socket.js';
import type { IdleTimer } from './idle-timer.js';
import type { Link } from './link.js';
import type { OnReadOptions } from './options.js';

/**
 * Brings what was received up to the stream, or into the buffers of `onread`.
 *
 * What comes waits in the provider until it is wanted, and so holds up the
 * peer rather than fill a second buffer here.
 */
export class Receiver {
  readonly #socket: Socket;
  readonly #link: Link;
  readonly #idle: IdleTimer;
  readonly #messages: boolean;
  readonly #onread: OnReadOptions | undefined;
  /** The user's, for the next piece. */
  #buffer: Uint8Array | undefined;

  /** The stream asks for more. */
  #wanted = false;
  #pumping = false;
  #octets = 0;

  constructor(
    socket: Socket,
    link: Link,
    idle: IdleTimer,
    messages: boolean,
    onread: OnReadOptions | undefined,
  ) {
    this.#socket = socket;
    this.#link = link;
    this.#idle = idle;
    this.#messages = messages;
    this.#onread = onread;
  }

  /** Received in all, and handed on. */
  get octets(): number {
    return this.#octets;
  }

  /** The socket is about to connect again. */
  renew(): void {
    this.#wanted = false;
    this.#octets = 0;
  }

  want(): void {
    this.#wanted = true;
    this.pump();
  }

  /** Hands on what there is, as long as it is wanted. */
  pump(): void {
    const socket = this.#socket;
    if (this.#pumping || socket.connecting) return;
    const { provider } = this.#link;
    if (!provider) return;
    this.#pumping = true;
    try {
      while (this.#wanted && !socket.destroyed) {
        const piece = provider.receive(this.#roomInBuffer());
        // Otherwise FD_READ or FD_CLOSE goes on.
        if (typeof piece === 'number') break;
        this.#octets += piece.length;
        this.#idle.touch();
        this.#deliver(piece);
      }
    } finally {
      this.#pumping = false;
    }
  }

  #deliver(piece: Uint8Array): void {
    try {
      if (this.#onread) {
        this.#fillBuffer(this.#onread, piece);
      } else {
        this.#wanted = this.#socket.push(
          this.#messages ? asBuffer(piece) : piece,
        );
      }
    } catch (error) {
      // A listener's: no indication will tell of what is behind the piece.
      rethrowLater(error);
    }
  }

  /** With `onread`: no more is taken than the user's buffer holds. */
  #roomInBuffer(): number | undefined {
    if (!this.#onread) return undefined;
    const { buffer } = this.#onread;
    this.#buffer = typeof buffer === 'function' ? buffer() : buffer;
    return this.#buffer.length;
  }

  #fillBuffer(onread: OnReadOptions, piece: Uint8Array): void {
    const buffer = this.#buffer!;
    buffer.set(piece);
    const goOn = onread.callback.call(this.#socket, piece.length, buffer);
    if (goOn === false) this.#wanted = false;
  }

  /** The stream below `onread` is never full: its user says when to stop. */
  pauseOnRead(): void {
    if (this.#onread) this.#wanted = false;
  }

  resumeOnRead(): void {
    if (!this.#onread || this.#wanted) return;
    this.#wanted = true;
    process.nextTick(pump, this);
  }
}

function pump(receiver: Receiver): void {
  receiver.pump();
}
