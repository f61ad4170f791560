import { socketClosed } from '../arguments.js';
import { errorOfFailure } from '../errors.js';
import type { Done, ProviderSocket } from '../provider/provider.js';
import type { Socket } from '../socket.js';
import {
  WSA_IO_PENDING,
  WSAEWOULDBLOCK,
  type Status,
} from '../vocabulary/error-codes.js';
import type { IdleTimer } from './idle-timer.js';
import type { Link } from './link.js';

/** The stream's word that a write is done. */
export type Written = (error?: Error | null) => void;

/**
 * Takes the stream's writes, one at a time, down to the provider. A write is
 * done when the system has its octets.
 */
export class Sender {
  readonly #socket: Socket;
  readonly #link: Link;
  readonly #idle: IdleTimer;
  readonly #messages: boolean;

  /** A write that waits for the connection, or for FD_WRITE. */
  #held: Uint8Array | Uint8Array[] | undefined;
  /** The stream's callback for the write under way. */
  #written: Written | undefined;
  /** Its octets. */
  #writing = 0;
  #confirmed = 0;
  #done: Done | undefined;

  constructor(socket: Socket, link: Link, idle: IdleTimer, messages: boolean) {
    this.#socket = socket;
    this.#link = link;
    this.#idle = idle;
    this.#messages = messages;
  }

  /** Octets of the writes that are done. */
  get confirmed(): number {
    return this.#confirmed;
  }

  /** The socket is about to connect again. */
  renew(): void {
    this.#confirmed = 0;
  }

  send(
    data: Uint8Array | Uint8Array[],
    length: number,
    written: Written,
  ): void {
    const { provider } = this.#link;
    const { connecting } = this.#socket;
    if (!provider && !connecting) {
      written(socketClosed());
      return;
    }
    this.#written = written;
    this.#writing = length;
    if (connecting) {
      this.#held = data;
      return;
    }
    this.#hand(provider!, data);
  }

  sendAll(chunks: readonly { chunk: Buffer }[], written: Written): void {
    let length = 0;
    const pieces = chunks.map(({ chunk }) => {
      length += chunk.length;
      return chunk;
    });
    this.send(pieces, length, written);
  }

  /** The connection stands, or it has room again. */
  sendHeld(): void {
    const held = this.#held;
    const { provider } = this.#link;
    if (!held || !provider) return;
    this.#held = undefined;
    this.#hand(provider, held);
  }

  #hand(provider: ProviderSocket, data: Uint8Array | Uint8Array[]): void {
    this.#idle.touch();
    if (this.#writing === 0 && !this.#messages) {
      this.#finish();
      return;
    }
    // One function for all writes: none is made for each.
    this.#done ??= (status) => {
      this.#onDone(status);
    };
    const status = provider.send(data, this.#done);
    if (status === WSA_IO_PENDING) return;
    if (status === WSAEWOULDBLOCK) this.#held = data;
    else this.#onDone(status);
  }

  #onDone(status: Status): void {
    if (status === 0) {
      this.#finish();
      return;
    }
    const failure = this.#link.known?.failure;
    this.#finish(errorOfFailure({ ...failure, status }, 'write'));
  }

  #finish(error?: Error): void {
    const written = this.#written;
    if (!written) return;
    this.#written = undefined;
    this.#idle.touch();
    if (!error) this.#confirmed += this.#writing;
    written(error);
  }

  /**
   * The socket is destroyed.
   *
   * @returns what a write that was still held waits for.
   */
  forget(): Written | undefined {
    const written = this.#held ? this.#written : undefined;
    this.#held = undefined;
    this.#written = undefined;
    return written;
  }
}
