import { Duplex } from 'node:stream';

/** Octets that pass at once. */
const WIDTH = 65_536;

/**
 * Two Duplexes, each of which reads what the other writes, bit by bit: a large write is
 * under way until it is read. Destroying one ends the other, or breaks its writes.
 */
export function narrowPair(): [Duplex, Duplex] {
  const there: NarrowPipe = new NarrowPipe(() => here);
  const here = new NarrowPipe(() => there);
  return [here, there];
}

class NarrowPipe extends Duplex {
  readonly #peer: () => NarrowPipe;
  #wanted: (() => void) | undefined;

  constructor(peer: () => NarrowPipe) {
    super({ allowHalfOpen: true });
    this.#peer = peer;
  }

  override _read(): void {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    wanted?.();
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: () => void,
  ): void {
    const peer = this.#peer();
    let at = 0;
    const pass = () => {
      while (at < chunk.length) {
        // Without a copy a writer's later change would travel too.
        const piece = Buffer.from(chunk.subarray(at, at + WIDTH));
        at += piece.length;
        if (peer.push(piece)) continue;
        peer.#wanted = pass;
        return;
      }
      process.nextTick(callback);
    };
    pass();
  }

  override _final(callback: () => void): void {
    this.#peer().push(null);
    process.nextTick(callback);
  }

  override _destroy(
    error: Error | null,
    callback: (error?: Error | null) => void,
  ): void {
    const peer = this.#peer();
    if (this.#wanted) {
      peer.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    } else if (!peer.destroyed) {
      peer.push(null);
    }
    callback(error);
  }
}
