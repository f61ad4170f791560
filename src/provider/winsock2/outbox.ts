import { types } from 'node:util';
import type { NativeWinsock } from '../../native-winsock.js';
import {
  WSA_IO_PENDING,
  WSAEWOULDBLOCK,
  type Status,
} from '../../vocabulary/error-codes.js';
import { COPIED_AT_SEND, type Done } from '../provider.js';

/** Pieces that one WSASend takes (native/win/winsock.cc). */
const MOST_PIECES = 64;

interface Waiting {
  pieces: Uint8Array[];
  done: Done | undefined;
}

/** Sends as much as WSASend takes, and keeps the rest until FD_WRITE. */
export class Outbox {
  readonly #native: NativeWinsock;
  readonly #id: number;
  readonly #messages: boolean;
  readonly #capacity: number;
  readonly #waiting: Waiting[] = [];
  #octets = 0;
  /** A send was refused with WSAEWOULDBLOCK. */
  #refused = false;

  /** @param capacity octets that may wait. */
  constructor(
    native: NativeWinsock,
    id: number,
    messages: boolean,
    capacity: number,
  ) {
    this.#native = native;
    this.#id = id;
    this.#messages = messages;
    this.#capacity = capacity;
  }

  get unsent(): number {
    return this.#octets;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** As ProviderConnection.send. */
  send(
    data: Uint8Array | readonly Uint8Array[],
    done: Done | undefined,
    isLast: boolean,
  ): Status {
    if (this.#octets >= this.#capacity && !this.isEmpty && !isLast) {
      this.#refused = true;
      return WSAEWOULDBLOCK;
    }
    const given = types.isUint8Array(data) ? [data] : [...data];
    const pieces = this.#messages ? [Buffer.concat(given)] : given;
    if (this.isEmpty) {
      const status = this.#hand(pieces);
      if (status !== WSAEWOULDBLOCK) return status;
    }
    this.#keep(pieces, done);
    return done ? WSA_IO_PENDING : 0;
  }

  /**
   * FD_WRITE: continues to send.
   *
   * @returns 0, even if some of it still waits; or an error.
   */
  flush(): Status {
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const before = lengthOf(first.pieces);
      const status = this.#hand(first.pieces);
      this.#octets -= before - lengthOf(first.pieces);
      if (status === WSAEWOULDBLOCK) return 0;
      if (status !== 0) return status;
      this.#waiting.shift();
      first.done?.(0);
    }
    return 0;
  }

  /** Waiting data will not be sent. */
  fail(status: Status): void {
    const waiting = this.#waiting.splice(0);
    this.#octets = 0;
    for (const { done } of waiting) done?.(status);
  }

  /** Everything has left; returns whether a caller waited for that. */
  drained(): boolean {
    if (!this.#refused || !this.isEmpty) return false;
    this.#refused = false;
    return true;
  }

  /** Removes sent octets from `pieces`; they are empty at 0. */
  #hand(pieces: Uint8Array[]): Status {
    do {
      const sent = this.#native.send(this.#id, pieces.slice(0, MOST_PIECES));
      if (sent < 0) return -sent;
      // Nothing taken, and no error: FD_WRITE has to signal when to continue.
      if (sent === 0 && lengthOf(pieces) > 0) return WSAEWOULDBLOCK;
      drop(pieces, sent);
      // A message, even an empty one, is sent at once or not at all.
    } while (pieces.length > 0 && !this.#messages);
    return 0;
  }

  #keep(pieces: Uint8Array[], done: Done | undefined): void {
    const length = lengthOf(pieces);
    this.#waiting.push({
      pieces:
        length <= COPIED_AT_SEND && !this.#messages
          ? [Buffer.concat(pieces)]
          : pieces,
      done,
    });
    this.#octets += length;
  }
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

/** Removes `octets` from the front, and empty pieces. */
function drop(pieces: Uint8Array[], octets: number): void {
  let left = octets;
  while (pieces[0] && pieces[0].length <= left) {
    left -= pieces[0].length;
    pieces.shift();
  }
  if (left > 0) pieces[0] = pieces[0]!.subarray(left);
}
