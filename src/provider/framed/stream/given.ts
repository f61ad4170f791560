import { Duplex } from 'node:stream';
import type { TakeConnection } from '../listener.js';
import { StreamTransport } from './transport.js';

/**
 * Prepares a given Duplex to carry a connection: a last word may be due after
 * the peer's FIN, which `net` would have answered by itself, and only this code
 * can resume it.
 */
export function takeOver(given: Duplex): Duplex {
  const stream = given instanceof Duplex ? given : new ForeignDuplex(given);
  stream.allowHalfOpen = true;
  taken.add(given);
  uncork(given);
  // The stream may break before a transport listens, inside TLS.
  stream.on('error', ignore);
  if (stream.isPaused()) stream.resume();
  return stream;
}

/** One direction of it, or both, had ended before we got it. */
export function isOver(stream: Duplex): boolean {
  const { destroyed, readable, writable } = stream;
  return (
    destroyed || !readable || !writable || isStreamxOver(stream as Streamx)
  );
}

/** The marks of an end in streamx, whose `readable` and `writable` stay true. */
interface Streamx {
  _duplexState?: unknown;
  destroying?: boolean;
  _readableState?: { ended?: boolean };
  _writableState?: { ending?: boolean; ended?: boolean };
}

function isStreamxOver(stream: Streamx): boolean {
  const { _duplexState: state, destroying } = stream;
  const { _readableState: read, _writableState: write } = stream;
  if (typeof state !== 'number') return false;
  return Boolean(destroying || read?.ended || write?.ending || write?.ended);
}

/** Streams that carry a connection, or did. */
const taken = new WeakSet<Duplex>();

/** It was given before: two connections would read each other's octets. */
export function isTaken(stream: Duplex): boolean {
  return taken.has(stream);
}

/** A corked stream sends nothing, and only this code can uncork it. */
function uncork(stream: Partial<Duplex>): void {
  // streamx does not count corks.
  for (let times = stream.writableCorked ?? 1; times > 0; times--) {
    stream.uncork?.();
  }
}

/** The way by which a listener adopts a connected Duplex. */
export function takeStream(stream: Duplex): TakeConnection {
  return (sink, options) => new StreamTransport(stream, sink, options);
}

/**
 * Node's Duplex over one of another library (readable-stream, streamx): not all
 * of them have the members that the transport uses.
 */
class ForeignDuplex extends Duplex {
  readonly #given: Duplex;
  /** The callback of a write that filled the given stream. */
  #drained: (() => void) | undefined;
  #finished: (() => void) | undefined;

  constructor(given: Duplex) {
    super();
    this.#given = given;
    given.allowHalfOpen = true;
    given.on('data', (chunk: unknown) => {
      this.#onData(chunk);
    });
    given.on('end', () => {
      this.push(null);
    });
    given.on('drain', () => {
      const drained = this.#drained;
      this.#drained = undefined;
      drained?.();
    });
    given.on('finish', () => {
      this.#finished?.();
    });
    given.on('error', (error) => {
      this.destroy(error);
    });
    given.on('close', () => {
      this.destroy();
    });
    given.resume();
  }

  #onData(chunk: unknown): void {
    if (!(chunk instanceof Uint8Array)) {
      this.destroy(new TypeError('the stream must give octets'));
    } else if (!this.push(chunk)) {
      this.#given.pause();
    }
  }

  override _read(): void {
    this.#given.resume();
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: () => void,
  ): void {
    if (this.#given.write(chunk)) callback();
    else this.#drained = callback;
  }

  override _final(callback: () => void): void {
    this.#finished = callback;
    this.#given.end();
  }

  override _destroy(
    error: Error | null,
    callback: (error?: Error | null) => void,
  ): void {
    this.#given.destroy();
    callback(error);
  }
}

function ignore(): void {}
