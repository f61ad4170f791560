const EMPTY = Buffer.alloc(0);
/**
 * Octets: saves the first few copies of a payload that comes one octet at a
 * time.
 */
const FIRST_CAPACITY = 256;

/**
 * Joins the pieces of one frame's payload.
 *
 * Its memory follows the received octets, not the length that the peer
 * announced: at most twice the received octets (or a first small piece), and at
 * most the announced length.
 */
export class OctetAccumulator {
  #buffer: Buffer = EMPTY;
  #length = 0;
  #expected = 0;

  start(expected: number): void {
    this.#buffer = EMPTY;
    this.#length = 0;
    this.#expected = expected;
  }

  get expected(): number {
    return this.#expected;
  }

  get missing(): number {
    return this.#expected - this.#length;
  }

  /** Octets of memory in use. */
  get capacity(): number {
    return this.#buffer.length;
  }

  append(piece: Uint8Array): void {
    const needed = this.#length + piece.length;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(
        Math.min(this.#expected, Math.max(FIRST_CAPACITY, 2 * needed)),
      );
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(piece, this.#length);
    this.#length = needed;
  }

  /** Returns the payload and forgets it. */
  take(): Uint8Array {
    const taken = this.#buffer.subarray(0, this.#length);
    this.start(0);
    return taken;
  }
}
