import { Duplex } from 'node:stream';

/** Two Duplexes, each of which reads what the other writes. */
export function duplexPair(): [Duplex, Duplex] {
  const there: HalfPipe = new HalfPipe(() => here);
  const here = new HalfPipe(() => there);
  return [here, there];
}

class HalfPipe extends Duplex {
  readonly #peer: () => HalfPipe;
  #wanted: (() => void) | undefined;

  constructor(peer: () => HalfPipe) {
    super({ allowHalfOpen: true });
    this.#peer = peer;
  }

  override _read(): void {
    this.#wanted?.();
    this.#wanted = undefined;
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: () => void,
  ): void {
    const peer = this.#peer();
    // Without a copy a writer's later change would travel too.
    if (peer.push(Buffer.from(chunk))) process.nextTick(callback);
    else peer.#wanted = callback;
  }

  override _final(callback: () => void): void {
    this.#peer().push(null);
    process.nextTick(callback);
  }
}
