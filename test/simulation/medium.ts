// A connection in memory. Nothing moves by itself: the simulation decides when octets
// are taken from a writer, when they reach the reader, and what breaks.
import { Socket as NetSocket } from 'node:net';
import { Duplex } from 'node:stream';
import { FrameType } from '../../src/provider/framed/wire.js';

const PREFACE_LENGTH = 8;
const HEADER_LENGTH = 4;

/** The traffic of one direction, seen from outside. */
class Tap {
  /** Octets in DATA frames. */
  payload = 0;
  /** DISCONNECT, whole, has passed. */
  saidLastWord = false;
  #toSkip = PREFACE_LENGTH;
  #header: number[] = [];
  #type = 0;

  see(octets: Uint8Array): void {
    for (let at = 0; at < octets.length;) {
      if (this.#toSkip > 0) {
        const length = Math.min(this.#toSkip, octets.length - at);
        if (this.#type === FrameType.DATA) this.payload += length;
        this.#toSkip -= length;
        at += length;
        if (this.#toSkip === 0) this.#endFrame();
        continue;
      }
      this.#header.push(octets[at++]!);
      if (this.#header.length < HEADER_LENGTH) continue;
      const [type = 0, high = 0, middle = 0, low = 0] = this.#header;
      this.#header = [];
      this.#type = type;
      this.#toSkip = (high << 16) | (middle << 8) | low;
      if (this.#toSkip === 0) this.#endFrame();
    }
  }

  #endFrame(): void {
    if (this.#type === FrameType.DISCONNECT) this.saidLastWord = true;
    this.#type = 0;
  }
}

/** One direction. */
export class Wire {
  readonly tap = new Tap();
  readonly #capacity: number;
  reader!: End;
  /** Taken, but not yet delivered to the reader. */
  readonly #underWay: Buffer[] = [];
  #length = 0;
  #finTaken = false;
  #finDelivered = false;
  /** Octets of the write that is not completely taken yet. */
  #rest: Buffer | undefined;
  #written: ((error?: Error | null) => void) | undefined;
  #ended: (() => void) | undefined;
  /** The reader is gone, and the writer will get an error. */
  #broken = false;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  write(octets: Buffer, written: (error?: Error | null) => void): void {
    // Without a copy a writer's later change would travel too.
    this.#rest = Buffer.from(octets);
    this.#written = written;
  }

  end(ended: () => void): void {
    this.#ended = ended;
  }

  get canTake(): boolean {
    if (this.#broken) return this.#rest !== undefined || !!this.#ended;
    return this.#rest
      ? this.#length < this.#capacity
      : this.#ended !== undefined;
  }

  /** @returns whether a break has to be reported to the writer. */
  take(most: number): boolean {
    if (this.#broken && this.#rest) return true;
    const rest = this.#rest;
    if (rest) {
      const room = this.#broken ? rest.length : this.#capacity - this.#length;
      const length = Math.min(rest.length, room, most);
      const piece = rest.subarray(0, length);
      this.tap.see(piece);
      if (length > 0) this.#underWay.push(piece);
      this.#length += length;
      this.#rest = length < rest.length ? rest.subarray(length) : undefined;
      if (!this.#rest) {
        const written = this.#written;
        this.#written = undefined;
        written?.();
      }
      return false;
    }
    const ended = this.#ended;
    this.#ended = undefined;
    this.#finTaken = true;
    ended?.();
    return false;
  }

  get canDeliver(): boolean {
    return (
      this.reader.wants &&
      !this.reader.stream.destroyed &&
      (this.#length > 0 || (this.#finTaken && !this.#finDelivered))
    );
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  deliver(most: number): void {
    if (this.#underWay.length === 0) {
      this.#finDelivered = true;
      this.reader.stream.push(null);
      return;
    }
    const pieces: Buffer[] = [];
    let length = 0;
    while (length < most && this.#underWay.length > 0) {
      const next = this.#underWay[0]!;
      const taken = next.subarray(0, most - length);
      if (taken.length === next.length) this.#underWay.shift();
      else this.#underWay[0] = next.subarray(taken.length);
      pieces.push(taken);
      length += taken.length;
    }
    const piece = Buffer.concat(pieces);
    this.#length -= piece.length;
    this.reader.pushed += piece.length;
    this.reader.wants = this.reader.stream.push(piece);
  }

  /** The writer is gone, and with it its unsent data. */
  abandon(): void {
    this.#rest = undefined;
    this.#written = undefined;
    this.#ended = undefined;
    this.#finTaken = true;
  }

  /** The reader is gone. */
  breakOff(): void {
    this.#broken = true;
    this.#underWay.length = 0;
    this.#length = 0;
  }
}

/** One end of a medium: a stream, and the simulation's view of it. */
export class End {
  readonly stream: Duplex;
  readonly out: Wire;
  readonly in: Wire;
  peer!: End;
  /** The stream asks for more. */
  wants = false;
  /** Octets that it was given. */
  pushed = 0;
  isGone = false;

  constructor(out: Wire, from: Wire, isTcp: boolean) {
    this.out = out;
    this.in = from;
    from.reader = this;
    this.stream = isTcp ? new TcpStream(this) : new PipeStream(this);
  }

  /** Both ends learn that the connection is broken. */
  break(code: string): void {
    this.out.breakOff();
    this.in.breakOff();
    this.stream.destroy(
      Object.assign(new Error(`read ${code}`), { code, syscall: 'read' }),
    );
  }

  take(most: number): void {
    if (this.out.take(most)) this.break('EPIPE');
  }

  /** The stream has been destroyed. */
  close(isReset: boolean): void {
    if (this.isGone) return;
    this.isGone = true;
    // A system answers with a reset if octets are unread.
    const isBreak =
      isReset || !this.in.isEmpty || this.stream.readableLength > 0;
    this.in.breakOff();
    this.out.abandon();
    if (!isBreak || this.peer.isGone) return;
    const { peer } = this;
    setImmediate(() => {
      if (!peer.isGone) peer.break('ECONNRESET');
    });
  }
}

type Done = (error?: Error | null) => void;

class PipeStream extends Duplex {
  readonly #end: End;

  constructor(end: End) {
    super({ allowHalfOpen: true });
    this.#end = end;
  }

  override _read(): void {
    this.#end.wants = true;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#end.out.write(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.#end.out.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: Done): void {
    this.#end.out.end(done);
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#end.close(false);
    setImmediate(() => done(error));
  }
}

/** A stream that the product takes for TCP, which has resets. */
class TcpStream extends NetSocket {
  readonly #end: End;
  #isReset = false;

  constructor(end: End) {
    super({ allowHalfOpen: true });
    this.#end = end;
    const name = { remotePort: 4711, remoteAddress: '192.0.2.1' };
    for (const [key, value] of Object.entries(name)) {
      Object.defineProperty(this, key, { value });
    }
  }

  override _read(): void {
    this.#end.wants = true;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#end.out.write(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.#end.out.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: Done): void {
    this.#end.out.end(done);
  }

  override resetAndDestroy(): this {
    this.#isReset = true;
    this.destroy();
    return this;
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#end.close(this.#isReset);
    setImmediate(() => {
      done(error);
      // net.Socket does so itself: its streams are made without `emitClose`.
      process.nextTick(() => this.emit('close', Boolean(error)));
    });
  }

  override ref(): this {
    return this;
  }

  override unref(): this {
    return this;
  }
}

/** The two ends of a medium. */
export function simulatedPair(capacity: number, isTcp: boolean): [End, End] {
  const there = new Wire(capacity);
  const back = new Wire(capacity);
  const ends: [End, End] = [
    new End(there, back, isTcp),
    new End(back, there, isTcp),
  ];
  ends[0].peer = ends[1];
  ends[1].peer = ends[0];
  return ends;
}
