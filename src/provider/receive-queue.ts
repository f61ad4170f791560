/**
 * Received and not yet read: pieces of a stream, or messages. It copies
 * nothing, and returns views.
 */
export class ReceiveQueue {
  /** Most connections have no unread data, most of the time. */
  #pieces: Uint8Array[] = NONE;
  #head = 0;
  #octets = 0;
  /** The last {@link take} left a part of its message. */
  partial = false;

  readonly #messages: boolean;

  constructor(messages: boolean) {
    this.#messages = messages;
  }

  get octets(): number {
    return this.#octets;
  }

  /** Octets of memory that the queue holds, near enough to bound it. */
  get weight(): number {
    return this.#octets + (this.#pieces.length - this.#head) * PIECE_WEIGHT;
  }

  get isEmpty(): boolean {
    return this.#head === this.#pieces.length;
  }

  push(piece: Uint8Array): void {
    if (this.#pieces === NONE) this.#pieces = [piece];
    else this.#pieces.push(piece);
    this.#octets += piece.length;
  }

  /** At most `most` octets of the first piece; the queue is not empty. */
  take(most: number): Uint8Array {
    const first = this.#pieces[this.#head]!;
    if (first.length > most) {
      this.#pieces[this.#head] = first.subarray(most);
      this.#octets -= most;
      this.partial = this.#messages;
      return first.subarray(0, most);
    }
    this.#pieces[this.#head] = EMPTY;
    this.#head++;
    if (this.#head === this.#pieces.length) {
      // Usually it was the only one.
      if (this.#head === 1) this.#pieces.pop();
      else this.#pieces = NONE;
      this.#head = 0;
    } else if (
      this.#head > COMPACT_AT &&
      2 * this.#head > this.#pieces.length
    ) {
      this.#pieces = this.#pieces.slice(this.#head);
      this.#head = 0;
    }
    this.#octets -= first.length;
    this.partial = false;
    return first;
  }

  /** The same as {@link take}, left in place; of a stream, as much as is there. */
  peek(most: number): Uint8Array {
    const first = this.#pieces[this.#head]!;
    this.partial = this.#messages && first.length > most;
    if (first.length >= most) return first.subarray(0, most);
    if (this.#messages || this.#head + 1 === this.#pieces.length) return first;
    const all = Buffer.allocUnsafe(Math.min(most, this.#octets));
    let at = 0;
    for (let index = this.#head; at < all.length; index++) {
      const piece = this.#pieces[index]!.subarray(0, all.length - at);
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }

  clear(): void {
    this.#pieces = NONE;
    this.#head = 0;
    this.#octets = 0;
    this.partial = false;
  }
}

const EMPTY = new Uint8Array(0);
const NONE: Uint8Array[] = [];
const COMPACT_AT = 64;
/** The approximate cost of a view beside its octets. */
const PIECE_WEIGHT = 128;
