const EMPTY = Buffer.alloc(0);
/** Octets: spares a payload that comes one by one its first few copies. */
const FIRST_CAPACITY = 256;

/**
 * Joins the pieces of one frame's payload.
 *
 * Its memory follows the octets that are there, not the length that the peer
 * announced: never more than twice what has come (or a first small piece), nor
 * than what was announced.
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

  /** Octets of memory that are taken up. */
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

  /** The payload; the accumulator forgets it. */
  take(): Uint8Array {
    const taken = this.#buffer.subarray(0, this.#length);
    this.start(0);
    return taken;
  }
}
