import type { Native } from '../../../native.js';

/**
 * Octets: what one read brings at most. A frame of 64 KiB, which is what pipes
 * and files are read in, fits with its header.
 */
const SLAB_LENGTH = 68 * 1024;

/** Octets that are copied sooner than a function for it is called. */
const SHORT = 32;

/** `undefined`: no memory; the next turn tries again. */
function newSlab(): Buffer | undefined {
  try {
    return Buffer.allocUnsafeSlow(SLAB_LENGTH);
  } catch {
    return undefined;
  }
}

/**
 * The memory that connections read into. What an application keeps is its own:
 * a piece is copied out, or takes its slab along where it is most of it and the
 * only one in there. So no piece holds more than twice its octets, and none
 * shows or harms what others were sent.
 */
export class Slabs {
  readonly #native: Native;
  readonly #slabs: (Buffer | undefined)[] = [];

  constructor(native: Native) {
    this.#native = native;
    this.renew();
  }

  take(
    index: number,
    offset: number,
    length: number,
    takesSlab: boolean,
  ): Buffer {
    const slab = this.#slabs[index]!;
    if (takesSlab) {
      this.#slabs[index] = undefined;
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

  view(index: number, offset: number, length: number): Buffer {
    return this.#slabs[index]!.subarray(offset, offset + length);
  }

  /** All of a turn's pieces are taken. */
  renew(): void {
    for (;;) {
      const index = this.#native.missingSlab();
      if (index < 0) return;
      // It is there still if nobody wanted the piece that it went with.
      const slab = (this.#slabs[index] ??= newSlab());
      if (!slab) return;
      this.#native.setSlab(index, slab);
    }
  }
}
