import { Socket as NetSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { resetTcp } from '../../../tcp-reset.js';
import {
  COPIED_AT_SEND,
  type Address,
  type Done,
  type KeepAliveProbes,
} from '../../provider.js';
import {
  WSA_OPERATION_ABORTED,
  WSAECONNRESET,
  WSASYSCALLFAILURE,
  statusOfNodeError,
  type Status,
} from '../../../vocabulary/error-codes.js';
import { Decoder, type DecoderSink } from '../decoder.js';
import {
  encodeFrameHeader,
  encodePreface,
  writeFrameHeader,
} from '../encoder.js';
import { TimeLimit } from '../../../time-limit.js';
import { LingerWatch, type Lingering } from '../linger-watch.js';
import type {
  FrameSink,
  FrameTransport,
  TransportOptions,
} from '../transport.js';
import { FRAME_HEADER_LENGTH, FrameType, type Role } from '../wire.js';
import type { Violation } from '../violation.js';
import { localAddressOf, remoteAddressOf } from './address.js';
import { isInOrder, outstandingOf } from './outstanding.js';
import { writeInSlices, type Written } from './slices.js';

/** Octets that are dropped behind an abort, at most. */
const BRIEF_LINGER_DROPS = 65_536;

/**
 * Octets of a write, where only a whole one is told of: a peer that takes it
 * slowly has to be seen to.
 */
const MOST_AT_ONCE = 128 * 1024;

/** Pieces of data that are told before others have their turn. */
const MOST_PIECES_IN_TURN = 1024;

/** net.Socket's methods, where Node has them. */
interface Marking extends NetSocket {
  setTypeOfService(value: number): this;
  getTypeOfService(): number;
}
interface KeepingAlive {
  setKeepAlive(
    on: boolean,
    delay: number | undefined,
    interval: number | undefined,
    count: number | undefined,
  ): void;
}

const carried = Symbol('goodbyte.transport');

/** A Duplex knows what it carries. */
type Carrying = Duplex & { [carried]: StreamTransport };

/**
 * Moves frames over a Duplex: TCP, a pipe, TLS, or what the user has.
 *
 * The Duplex is half-open (`allowHalfOpen`), and belongs to the transport from
 * its construction until `onReleased`.
 */
export class StreamTransport implements FrameTransport, DecoderSink, Lingering {
  readonly stream: Duplex;
  readonly #net: NetSocket | undefined;
  /** The rest of a write shrinks before the write is complete. */
  readonly #tellsOfParts: boolean;
  #remoteAddress: Address | undefined;
  #sink: FrameSink | undefined;
  readonly #decoder: Decoder;
  readonly #holdLimit: number;
  readonly #isStream: boolean;
  /** Of a stream: what has come together is told together, as by a read. */
  #gathered: Uint8Array[] = [];

  /** Waits for what follows it. */
  #preface: Uint8Array = NOTHING;
  #paused = false;
  #pausedByHold = false;
  #endHeld = false;
  /** Pieces that were told since the last pause for others. */
  #told = 0;
  /** The rest of what has come is for the next turn. */
  #yielding = false;
  #finSent = false;
  /** Of the writes under way that have one, in their order. */
  readonly #pending: (Done | undefined)[] = [];
  #onwritten: Written | undefined;
  #finDone: Done | undefined;
  /** Status of writes that are under way when the stream is destroyed. */
  #fate: Status = WSA_OPERATION_ABORTED;
  #received = 0;
  #ended = false;
  #lost = false;
  #lingering = false;
  /** Until the first octet. */
  #silence: TimeLimit | undefined;
  /** Octets that may still be dropped. */
  #droppable = Infinity;
  #watch: LingerWatch | undefined;

  /**
   * @param connectEvent the event of `stream` that tells it is connected;
   *  `undefined` if it is.
   */
  constructor(
    stream: Duplex,
    sink: FrameSink,
    options: TransportOptions,
    connectEvent?: 'connect' | 'secureConnect',
  ) {
    this.stream = stream;
    this.#net = stream instanceof NetSocket ? stream : undefined;
    this.#tellsOfParts =
      this.#net !== undefined && !this.#isTls && process.platform !== 'win32';
    this.#sink = sink;
    this.#decoder = new Decoder(this, options);
    this.#holdLimit = options.holdLimit;
    this.#isStream = options.messageLimit === undefined;

    (stream as Carrying)[carried] = this;
    stream.on('data', onData);
    stream.on('end', onEnd);
    stream.on('drain', onDrain);
    stream.on('error', onError);
    stream.on('close', onClose);
    if (connectEvent) {
      stream.once(connectEvent, () => {
        this.#sink?.onDialed();
      });
    } else {
      // The stream tells it no more once it is destroyed.
      this.#remoteAddress = remoteAddressOf(stream);
    }
    const { plainAfter } = options;
    if (plainAfter !== undefined) {
      this.#silence = new TimeLimit(plainAfter, () => {
        this.#decoder.takeAsPlain();
      }).unref();
    }
  }

  // -- sending --------------------------------------------------------------

  sendPreface(role: Role, minVersion: number, maxVersion: number): void {
    // Frames that follow a preface in this tick travel with it, in one write.
    this.#preface = encodePreface(role, minVersion, maxVersion);
    process.nextTick(flushPreface, this);
  }

  flushPreface(): void {
    const preface = this.#takePreface();
    if (preface.length > 0 && !this.#finSent) this.stream.write(preface);
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
    if (this.#finSent) return true;
    const { stream } = this;
    // Up to here a copy behind the header costs less than a second buffer.
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

  /** @returns what the stream is to call when a write is done. */
  #track(done: Done | undefined): Written | undefined {
    if (!done) return undefined;
    this.#pending.push(done);
    // One function for all writes: none is made for each.
    this.#onwritten ??= (error) => {
      this.#onWritten(error);
    };
    return this.#onwritten;
  }

  /** The stream has handed on the write that was tracked last. */
  #isTaken(done: Done | undefined): boolean {
    const { writableLength, destroyed } = this.stream;
    if (!done || writableLength > 0 || destroyed) return false;
    this.#pending[this.#pending.length - 1] = undefined;
    return true;
  }

  #onWritten(error: Error | null | undefined): void {
    const done = this.#pending.shift();
    // Node calls back without an error what a destroy() has cut off.
    done?.(error || this.stream.destroyed ? this.#fateOf(error) : 0);
  }

  #fateOf(error: Error | null | undefined): Status {
    return error && this.#fate === WSA_OPERATION_ABORTED
      ? fateOfWrite(error)
      : this.#fate;
  }

  sendFin(done?: Done): boolean {
    if (this.#finSent) return true;
    this.flushPreface();
    this.#finSent = true;
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

  // -- receiving ------------------------------------------------------------

  get received(): number {
    return this.#received;
  }

  onChunk(chunk: Uint8Array): void {
    this.#endSilence();
    this.#received += chunk.length;
    if (this.#lingering) {
      this.#droppable -= chunk.length;
      if (this.#droppable <= 0) this.stream.pause();
      return;
    }
    this.#decoder.push(chunk);
    this.#tellGathered();
    if (this.#yielding) return;
    if (!this.#pausedByHold && this.#decoder.heldLength >= this.#holdLimit) {
      this.#pausedByHold = true;
      this.stream.pause();
    }
  }

  onStreamDrain(): void {
    this.#sink?.onDrain();
  }

  pause(): void {
    this.#paused = true;
    this.stream.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#resumeIfWanted();
  }

  #resumeIfWanted(): void {
    if (!this.#paused && !this.#pausedByHold && !this.#yielding) {
      this.stream.resume();
    }
  }

  hold(): void {
    this.#decoder.hold();
  }

  release(): void {
    this.#decoder.release();
    this.#tellGathered();
    this.#tellHeldEnd();
    if (!this.#pausedByHold) return;
    this.#pausedByHold = false;
    this.#resumeIfWanted();
  }

  /** After a long row of small pieces the rest waits for other connections. */
  #yield(): void {
    this.#told = 0;
    this.#yielding = true;
    this.#decoder.hold();
    this.stream.pause();
    setImmediate(goOn, this);
  }

  goOn(): void {
    if (!this.#yielding) return;
    this.#yielding = false;
    this.#decoder.release();
    this.#tellGathered();
    this.#tellHeldEnd();
    if (!this.#lingering) this.#resumeIfWanted();
  }

  /** There is no next turn any more. */
  #tellAll(): void {
    this.#told = -Infinity;
    this.goOn();
  }

  onPreface(minVersion: number, maxVersion: number): void {
    this.#tellGathered();
    this.#sink?.onPreface(minVersion, maxVersion);
  }

  onPlain(): void {
    this.#sink?.onPlain();
  }

  onFrame(type: number, payload: Uint8Array): void {
    this.#tellGathered();
    this.#sink?.onFrame(type, payload);
    // One may come behind the other, and each is told.
    if (type === FrameType.NOTICE) this.#countTold();
  }

  onData(data: Uint8Array): void {
    if (this.#isStream) this.#gathered.push(data);
    else this.#sink?.onData(data);
    this.#countTold();
  }

  #countTold(): void {
    this.#told++;
    if (this.#told >= MOST_PIECES_IN_TURN && !this.#lingering) this.#yield();
  }

  /** In front of all else that is told, and once nothing more has come. */
  #tellGathered(): void {
    const pieces = this.#gathered;
    if (pieces.length === 0) return;
    const whole = pieces.length === 1 ? pieces[0]! : joined(pieces);
    // Emptied first: whoever is told may have the rest decoded.
    pieces.length = 0;
    this.#sink?.onData(whole);
  }

  onViolation(broken: Violation): void {
    this.#tellGathered();
    this.#sink?.onViolation(broken);
  }

  // -- the end --------------------------------------------------------------

  onStreamEnd(): void {
    this.#endSilence();
    this.#ended = true;
    if (this.#lingering) {
      this.#closeIfDone();
      return;
    }
    // A caller without frames may say all it has to and end: that is no
    // withdrawal, and it is told behind what was held.
    if (this.#decoder.holdsPlain || this.#yielding) {
      this.#endHeld = true;
      return;
    }
    this.#askHowItEnded(() => {
      this.#tellEnd();
    });
  }

  #endSilence(): void {
    this.#silence?.stop();
    this.#silence = undefined;
  }

  #tellHeldEnd(): void {
    if (!this.#endHeld || this.#yielding) return;
    this.#endHeld = false;
    this.#tellEnd();
  }

  #tellEnd(): void {
    if (this.#lost || this.#lingering) return;
    const broken = this.#decoder.end();
    if (broken) this.#sink?.onViolation(broken);
    else this.#sink?.onEnd();
  }

  /**
   * libuv takes a reset behind data for a FIN (until 1.52). Where the system
   * does not say which, a write of nothing tells them apart; where others are
   * under way they do.
   */
  #askHowItEnded(onfin: () => void): void {
    const { stream } = this;
    if (!this.#hasReset || this.#finSent || !stream.writable) onfin();
    else if (isInOrder(this.#net!)) onfin();
    else if (stream.writableLength > 0) setImmediate(onfin);
    else {
      stream.write(NOTHING, (error) => {
        if (!error) onfin();
      });
    }
  }

  onStreamLost(error: Error | undefined): void {
    if (this.#lost) return;
    this.#endSilence();
    // The stream still holds earlier octets, if it was paused.
    if (!this.#lingering) {
      this.#endHeld = false;
      this.#tellAll();
      for (;;) {
        const chunk = this.stream.read() as Uint8Array | null;
        if (chunk === null) break;
        this.#decoder.push(chunk);
      }
      this.#tellGathered();
    }
    this.#lost = true;
    this.#fate = error ? statusOfNodeError(error) : WSAECONNRESET;
    this.#decoder.stop();
    if (!this.#lingering) this.#sink?.onLost(error);
  }

  onStreamClose(): void {
    this.#watch?.stop();
    this.#tellAll();
    // A stream that closes without having ended was destroyed by somebody.
    if (!this.#ended) this.onStreamLost(undefined);
    // A stream need not call back what it never came to write.
    for (const done of this.#pending.splice(0)) done?.(this.#fate);
    this.#tellFin(this.#fate);
    this.#sink?.onReleased();
    this.#sink = undefined;
  }

  linger(milliseconds: number, total: boolean, brief = false): void {
    this.#lingering = true;
    this.#endSilence();
    if (brief) this.#droppable = BRIEF_LINGER_DROPS;
    this.#decoder.stop();
    // A last word on its way is a reason to stay alive, whatever unref said.
    this.#net?.ref();
    this.sendFin();
    // Inbound octets that nobody reads would make the system answer with a
    // reset at close, and that destroys what is on its way to the peer.
    this.stream.resume();
    this.stream.once('finish', () => {
      this.#closeIfDone();
    });
    this.#closeIfDone();
    if (!this.stream.destroyed) {
      this.#watch = new LingerWatch(this, milliseconds, total);
    }
  }

  #closeIfDone(): void {
    if (this.#ended && this.stream.writableFinished) this.stream.destroy();
  }

  get left(): number {
    // A stream counts a write until it is whole, net's handle what is left of
    // it: the sum shrinks with each octet.
    const { _handle: handle } = this.stream as {
      _handle?: { writeQueueSize?: number } | null;
    };
    const queued = handle?.writeQueueSize ?? 0;
    return this.unsent + queued + (this.stream.writableFinished ? 0 : 1);
  }

  get outstanding(): number {
    return this.#net ? outstandingOf(this.#net) : 0;
  }

  cut(): void {
    this.#abort();
  }

  reset(fate?: Status): void {
    this.#fate = fate ?? this.#fate;
    this.#lingering = true;
    this.#endSilence();
    this.#decoder.stop();
    this.#abort();
  }

  /** TCP has one; a pipe has no port, and TLS would lose its own ending. */
  get #hasReset(): boolean {
    return this.#net?.remotePort !== undefined && !this.#isTls;
  }

  get #isTls(): boolean {
    return this.#net instanceof TLSSocket;
  }

  #abort(): void {
    if (this.#hasReset) resetTcp(this.#net!);
    else this.stream.destroy();
  }

  detach(): void {
    this.#sink = undefined;
  }

  // -- the medium -----------------------------------------------------------

  ref(): void {
    this.#net?.ref();
  }

  unref(): void {
    this.#net?.unref();
  }

  setNoDelay(on: boolean): void {
    this.#net?.setNoDelay(on);
  }

  setKeepAlive(
    on: boolean,
    delay?: number,
    { interval, count }: KeepAliveProbes = {},
  ): void {
    // Node before 24.21 takes no more than two of them.
    const socket = this.#net as KeepingAlive | undefined;
    socket?.setKeepAlive(on, delay, interval, count);
  }

  /** Of TCP alone, and of Node from 24.21 on. */
  setTypeOfService(value: number): boolean {
    const socket = this.#marking;
    try {
      socket?.setTypeOfService(value);
      return socket !== undefined;
    } catch {
      return false;
    }
  }

  get typeOfService(): number | undefined {
    try {
      return this.#marking?.getTypeOfService();
    } catch {
      return undefined;
    }
  }

  get #marking(): Marking | undefined {
    const socket = this.#net as Marking | undefined;
    return socket?.remotePort !== undefined &&
      typeof socket.setTypeOfService === 'function'
      ? socket
      : undefined;
  }

  /** Node has no functions for them. */
  setTcpOption(): boolean {
    return false;
  }

  tcpOption(): undefined {}

  shape(): void {}

  get localAddress(): Address | undefined {
    return localAddressOf(this.stream);
  }

  get remoteAddress(): Address | undefined {
    return (this.#remoteAddress ??= remoteAddressOf(this.stream));
  }
}

function goOn(transport: StreamTransport): void {
  transport.goOn();
}

function flushPreface(transport: StreamTransport): void {
  transport.flushPreface();
}

/** A stream's own errors of a write that it never came to are no more than that. */
function fateOfWrite(error: Error): Status {
  const status = statusOfNodeError(error);
  return status === WSASYSCALLFAILURE ? WSA_OPERATION_ABORTED : status;
}

// One listener for all streams, rather than one for each.

function onData(this: Carrying, chunk: Uint8Array): void {
  this[carried].onChunk(chunk);
}

function onEnd(this: Carrying): void {
  this[carried].onStreamEnd();
}

function onDrain(this: Carrying): void {
  this[carried].onStreamDrain();
}

function onError(this: Carrying, error: Error): void {
  this[carried].onStreamLost(error);
}

function onClose(this: Carrying): void {
  this[carried].onStreamClose();
}

/** In memory of its own: not in Buffer's pool, which it would keep alive. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const whole = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const NOTHING = new Uint8Array(0);
