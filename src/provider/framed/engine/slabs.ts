import type { Native } from '../../../native.js';

/**
 * Octets: what one read brings at most. A frame of 64 KiB, which is what pipes
 * and files are read in, fits with its header.
 */
const SLAB_LENGTH = 68 * 1024;

/** Octets that are copied sooner than a function for it is called. */
const SHORT = 32;

/** Milliseconds without a piece that has taken its slab along. */
const QUIET = 1000;

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
  /** While pieces take slabs along: the one that lies highest in memory. */
  #highest: Buffer | undefined;
  /** How many pieces have taken theirs since it was looked last. */
  #given = 0;

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
      if (++this.#given === 1) this.#holdTop();
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
      const slab = (this.#slabs[index] ??= this.#allocate());
      if (!slab) return;
      this.#native.setSlab(index, slab);
    }
  }

  // -- the top of the heap ----------------------------------------------------

  /**
   * The C library gives the top of its heap back to the system as soon as that
   * is free, and a garbage collection frees many slabs at once: to grow into it
   * again costs a page fault for each page of what is received. So while pieces
   * take slabs along one is held behind them, and is not read into.
   */
  #holdTop(): void {
    if (this.#highest) return;
    this.#highest = newSlab();
    setTimeout(look, QUIET, this).unref();
  }

  #allocate(): Buffer | undefined {
    const slab = newSlab();
    const highest = this.#highest;
    if (!slab || !highest || !this.#native.liesAbove(slab, highest)) {
      return slab;
    }
    this.#highest = slab;
    return highest;
  }

  /** A second has passed. */
  look(): void {
    if (this.#given > 0) setTimeout(look, QUIET, this).unref();
    else this.#highest = undefined;
    this.#given = 0;
  }
}

function look(slabs: Slabs): void {
  slabs.look();
}
