import type { Duplex } from 'node:stream';
import { COPIED_AT_SEND, type Done } from '../../provider.js';
import {
  WSA_OPERATION_ABORTED,
  WSASYSCALLFAILURE,
  statusOfNodeError,
  type Status,
} from '../../../vocabulary/error-codes.js';
import { encodeFrameHeader, prefaceOf, writeFrameHeader } from '../encoder.js';
import { FRAME_HEADER_LENGTH, FrameType, type Role } from '../wire.js';
import { StreamMedium } from './medium.js';
import { writeInSlices, type Written } from './slices.js';

/**
 * Octets of a write if only whole writes are reported: a slow peer's progress
 * has to be visible.
 */
const MOST_AT_ONCE = 128 * 1024;

/** Writes frames to a Duplex, and reports the outcome of each write. */
export abstract class StreamSending extends StreamMedium {
  /** The rest of a write shrinks before the write is complete. */
  readonly #tellsOfParts: boolean;
  /** Waits for the next frame. */
  #preface: Uint8Array = NOTHING;
  protected finSent = false;
  /** Callbacks of the writes under way that have one, in order. */
  #pending: (Done | undefined)[] | undefined;
  #onwritten: Written | undefined;
  #finDone: Done | undefined;
  /** Status of writes that are under way when the stream is destroyed. */
  protected fate: Status = WSA_OPERATION_ABORTED;

  constructor(stream: Duplex) {
    super(stream);
    this.#tellsOfParts =
      this.net !== undefined && !this.isTls && process.platform !== 'win32';
  }

  sendPreface(role: Role, minVersion: number, maxVersion: number): void {
    // Frames that follow a preface in this tick travel with it, in one write.
    this.#preface = prefaceOf(role, minVersion, maxVersion);
    process.nextTick(flushPreface, this);
  }

  flushPreface(): void {
    const preface = this.#takePreface();
    if (preface.length === 0 || this.finSent) return;
    // A copy: all connections share it, and a stream may change what it is given.
    this.stream.write(Buffer.from(preface));
  }

  #takePreface(): Uint8Array {
    const preface = this.#preface;
    this.#preface = NOTHING;
    return preface;
  }

  sendFrame(type: FrameType, payload: Uint8Array, done?: Done): boolean {
    return this.#write([payload], payload.length, type, done);
  }

  sendData(
    pieces: readonly Uint8Array[],
    length: number,
    done?: Done,
  ): boolean {
    return this.#write(pieces, length, FrameType.DATA, done);
  }

  sendPlain(octets: Uint8Array, done?: Done): boolean {
    const isKept = octets.length > COPIED_AT_SEND;
    const written = this.#track(done);
    this.#writePiece(isKept ? octets : Buffer.from(octets), written);
    return this.#isTaken(done);
  }

  #write(
    pieces: readonly Uint8Array[],
    length: number,
    type: FrameType,
    done?: Done,
  ): boolean {
    if (this.finSent) return true;
    const { stream } = this;
    // Up to this length, a copy after the header costs less than a second
    // buffer.
    if (length <= COPIED_AT_SEND) {
      const preface = this.#takePreface();
      const frame = Buffer.allocUnsafe(
        preface.length + FRAME_HEADER_LENGTH + length,
      );
      frame.set(preface);
      let at = writeFrameHeader(frame, preface.length, type, length);
      for (const piece of pieces) {
        frame.set(piece, at);
        at += piece.length;
      }
      stream.write(frame, this.#track(done));
      return this.#isTaken(done);
    }
    this.flushPreface();
    const written = this.#track(done);
    stream.cork();
    stream.write(encodeFrameHeader(type, length));
    const last = pieces.length - 1;
    for (let index = 0; index < last; index++) this.#writePiece(pieces[index]!);
    this.#writePiece(pieces[last]!, written);
    stream.uncork();
    return this.#isTaken(done);
  }

  #writePiece(octets: Uint8Array, written?: Written): void {
    if (this.#tellsOfParts || octets.length <= MOST_AT_ONCE) {
      this.stream.write(octets, written);
    } else {
      writeInSlices(this.stream, octets, MOST_AT_ONCE, written);
    }
  }

  /** @returns the callback for the stream's write. */
  #track(done: Done | undefined): Written | undefined {
    if (!done) return undefined;
    this.#pending ??= [];
    this.#pending.push(done);
    // One function for all writes: none is made for each.
    this.#onwritten ??= (error) => {
      this.#onWritten(error);
    };
    return this.#onwritten;
  }

  /** The stream has passed on the write tracked last. */
  #isTaken(done: Done | undefined): boolean {
    const { writableLength, destroyed } = this.stream;
    if (!done || writableLength > 0 || destroyed) return false;
    const pending = this.#pending!;
    pending[pending.length - 1] = undefined;
    return true;
  }

  #onWritten(error: Error | null | undefined): void {
    const done = this.#pending?.shift();
    // Node calls back without an error for writes that a destroy() cut off.
    done?.(error || this.stream.destroyed ? this.#fateOf(error) : 0);
  }

  #fateOf(error: Error | null | undefined): Status {
    return error && this.fate === WSA_OPERATION_ABORTED
      ? fateOfWrite(error)
      : this.fate;
  }

  sendFin(done?: Done): boolean {
    if (this.finSent) return true;
    this.flushPreface();
    this.finSent = true;
    if (done) {
      this.#finDone = done;
      this.stream.end((error?: Error | null) => {
        this.#tellFin(error ? this.#fateOf(error) : 0);
      });
    } else {
      this.stream.end();
    }
    return false;
  }

  #tellFin(status: Status): void {
    const done = this.#finDone;
    this.#finDone = undefined;
    done?.(status);
  }

  sendLastFrame(type: FrameType, payload: Uint8Array, done?: Done): boolean {
    this.sendFrame(type, payload);
    return this.sendFin(done);
  }

  get unsent(): number {
    return this.stream.writableLength;
  }

  get willDrain(): boolean {
    return this.stream.writableNeedDrain;
  }

  get left(): number {
    // A stream counts a write until it is complete, net's handle counts its
    // rest: the sum shrinks with each octet.
    const { unsent } = this;
    return unsent + this.#queued + (this.stream.writableFinished ? 0 : 1);
  }

  get #queued(): number {
    // Only TLS queues octets that no write waits for.
    if (this.unsent === 0 && !this.isTls) return 0;
    const { _handle: handle } = this.stream as {
      _handle?: { writeQueueSize?: number } | null;
    };
    return handle?.writeQueueSize ?? 0;
  }

  /** A stream need not call back for a write that it never began. */
  protected endWrites(): void {
    const pending = this.#pending;
    this.#pending = undefined;
    for (const done of pending ?? []) done?.(this.fate);
    this.#tellFin(this.fate);
  }
}

function flushPreface(sending: StreamSending): void {
  sending.flushPreface();
}

/** A stream's error for a write that it never began says nothing more. */
function fateOfWrite(error: Error): Status {
  const status = statusOfNodeError(error);
  return status === WSASYSCALLFAILURE ? WSA_OPERATION_ABORTED : status;
}

export const NOTHING = new Uint8Array(0);
