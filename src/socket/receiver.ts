import { rethrowLater } from '../diagnostics.js';
import { asBuffer, WinsockError } from '../errors.js';
import { WSAENOBUFS } from '../vocabulary/error-codes.js';
import type { Connection } from './connection.js';
import type { IdleTimer } from './idle-timer.js';
import type { OnReadOptions } from './options.js';

/**
 * Passes received data to the stream, or into the buffers of `onread`.
 *
 * Received octets wait in the provider until they are wanted, which holds up
 * the peer instead of filling a second buffer here.
 */
export class Receiver {
  readonly #connection: Connection;
  readonly #idle: IdleTimer;
  readonly #messages: boolean;
  readonly #onread: OnReadOptions | undefined;
  /** The user's buffer for the next piece. */
  #buffer: Uint8Array | undefined;

  /** The stream asks for more. */
  #wanted: boolean;
  #pumping = false;
  #octets = 0;

  constructor(
    connection: Connection,
    idle: IdleTimer,
    messages: boolean,
    onread: OnReadOptions | undefined,
    wanted: boolean,
  ) {
    this.#connection = connection;
    this.#idle = idle;
    this.#messages = messages;
    this.#onread = onread;
    this.#wanted = wanted;
  }

  /** Octets received in all, and passed on. */
  get octets(): number {
    return this.#octets;
  }

  /** The stream, or the user of `onread`, accepts data. */
  get isWanted(): boolean {
    return this.#wanted;
  }

  want(): void {
    this.#wanted = true;
    this.#connection.wake();
    this.pump();
  }

  /** Passes on the available data while it is wanted. */
  pump(): void {
    const connection = this.#connection;
    if (this.#pumping || !connection.isOpen) return;
    this.#pumping = true;
    try {
      while (this.#wanted && connection.socket) {
        const room = this.#roomInBuffer();
        if (room === 0) {
          // libuv's error for an empty buffer.
          connection.socket.destroy(noRoom());
          break;
        }
        const piece = connection.provider.inbox.receive(room);
        // `onReadable` or `onClosed` continues.
        if (typeof piece === 'number') break;
        this.#octets += piece.length;
        this.#idle.touch();
        this.#deliver(piece);
      }
    } finally {
      this.#pumping = false;
      if (!this.#wanted) connection.rest();
    }
  }

  #deliver(piece: Uint8Array): void {
    const socket = this.#connection.socket!;
    try {
      if (this.#onread) {
        this.#fillBuffer(this.#onread, piece);
      } else {
        this.#wanted = socket.push(this.#messages ? asBuffer(piece) : piece);
      }
    } catch (error) {
      // A listener threw: no indication will follow for the data after the
      // piece.
      rethrowLater(error);
    }
  }

  /** With `onread`: no more is read than fits the user's buffer. */
  #roomInBuffer(): number | undefined {
    if (!this.#onread) return undefined;
    const { buffer } = this.#onread;
    this.#buffer = typeof buffer === 'function' ? buffer() : buffer;
    return this.#buffer.length;
  }

  #fillBuffer(onread: OnReadOptions, piece: Uint8Array): void {
    const buffer = this.#buffer!;
    buffer.set(piece);
    const socket = this.#connection.socket!;
    const goOn = onread.callback.call(socket, piece.length, buffer);
    if (goOn === false) this.#wanted = false;
  }

  /** The stream below `onread` is never full: its user says when to stop. */
  pauseOnRead(): void {
    if (!this.#onread) return;
    this.#wanted = false;
    this.#connection.rest();
  }

  resumeOnRead(): void {
    if (!this.#onread || this.#wanted) return;
    this.#wanted = true;
    this.#connection.wake();
    process.nextTick(pump, this);
  }
}

function noRoom(): Error {
  return new WinsockError(WSAENOBUFS, {
    syscall: 'read',
    detail:
      'the buffer of onread has no room; it takes one that is not detached',
  });
}

function pump(receiver: Receiver): void {
  receiver.pump();
}
