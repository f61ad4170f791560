import type { Native } from '../../../native.js';

/** Octets: what one read brings at most. */
const SLAB_LENGTH = 64 * 1024;
/** What is read before it is told is bounded by them. */
const MOST_SLABS = 16;

/** Octets that are copied sooner than a function for it is called. */
const SHORT = 32;

/**
 * The memory that connections read into. What an application keeps is its own:
 * a small piece is copied out; a large one takes its slab along, and a new slab
 * comes in its place. So no piece holds more than twice its octets.
 */
export class Slabs {
  readonly #native: Native;
  readonly #slabs: Buffer[] = [];
  /** Slabs that went with a piece. */
  #given: number[] = [];

  constructor(native: Native) {
    this.#native = native;
    this.#add();
  }

  take(index: number, offset: number, length: number): Buffer {
    const slab = this.#slabs[index]!;
    if (2 * length >= SLAB_LENGTH) {
      // Others may have a piece of the rest, which is copied all the same.
      if (!this.#given.includes(index)) this.#given.push(index);
      return slab.subarray(offset, offset + length);
    }
    // Not from Buffer's pool, all of which a small piece would keep alive.
    const copy = Buffer.allocUnsafeSlow(length);
    if (length <= SHORT) {
      for (let at = 0; at < length; at++) copy[at] = slab[offset + at]!;
    } else {
      slab.copy(copy, 0, offset, offset + length);
    }
    return copy;
  }

  /** All of a turn's pieces are taken. */
  renew(): void {
    if (this.#given.length > 0) {
      for (const index of this.#given) this.#set(index);
      this.#given = [];
    }
    if (this.#native.takeExhausted() && this.#slabs.length < MOST_SLABS) {
      this.#add();
    }
  }

  #add(): void {
    this.#set(this.#slabs.length);
  }

  #set(index: number): void {
    const slab = Buffer.allocUnsafeSlow(SLAB_LENGTH);
    this.#slabs[index] = slab;
    this.#native.setSlab(index, slab);
  }
}
