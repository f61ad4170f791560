import type { Native } from '../../../native.js';
import { copyOf } from '../copy-octets.js';

/**
 * The most octets of one read: those of net's, with room for headers. A frame of
 * 64 KiB, the unit in which pipes and files are read, fits with its own.
 */
const SLAB_LENGTH = 64 * 1024 + 64;

/** Milliseconds without a piece that took over its slab. */
const QUIET = 1000;

/** `undefined`: out of memory; the next turn tries again. */
function newSlab(): Buffer | undefined {
  try {
    return Buffer.allocUnsafeSlow(SLAB_LENGTH);
  } catch {
    return undefined;
  }
}

/**
 * The memory that connections read into. An application's piece has its own
 * memory: it is copied out, or takes over its slab if it fills most of it and
 * is the only one there. So no piece holds more than twice its octets, and no
 * piece can show or harm octets sent to others.
 */
export class Slabs {
  readonly #native: Native;
  readonly #slabs: (Buffer | undefined)[] = [];
  /** While pieces take over slabs: the slab that lies highest in memory. */
  #highest: Buffer | undefined;
  /** The number of pieces that have taken over theirs since the last check. */
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
    return copyOf(slab, offset, offset + length);
  }

  view(index: number, offset: number, length: number): Buffer {
    return this.#slabs[index]!.subarray(offset, offset + length);
  }

  /** All pieces of the turn have been taken. */
  renew(): void {
    for (;;) {
      const index = this.#native.missingSlab();
      if (index < 0) return;
      // It still exists if nobody wanted its piece.
      const slab = (this.#slabs[index] ??= this.#allocate());
      if (!slab) return;
      this.#native.setSlab(index, slab);
    }
  }

  // -- the top of the heap ----------------------------------------------------

  /**
   * The C library gives the top of its heap back to the system as soon as that
   * is free, and a garbage collection frees many slabs at once: growing again
   * costs a page fault for each received page. So while pieces take over slabs,
   * one slab is held behind them, and not read into.
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
