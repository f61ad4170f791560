// Longer than other files: a method for each call of a frame transport and for
// each event of the engine, and they share a connection's state.

import { AsyncResource } from 'node:async_hooks';
import type {
  Address,
  Done,
  KeepAliveProbes,
  TcpOption,
} from '../../provider.js';
import { copyOctets } from '../copy-octets.js';
import { prefaceOf, writeFrameHeader } from '../encoder.js';
import { LingerWatch, type Lingering } from '../../linger-watch.js';
import { violationOfNumbers } from '../native-violation.js';
import { OctetAccumulator } from '../octet-accumulator.js';
import type {
  FrameSink,
  FrameTransport,
  LingerWay,
  TransportOptions,
} from '../transport.js';
import { FrameType, type Role } from '../wire.js';
import { MOST_PIECES, SocketOption } from '../../../native.js';
import {
  QOS_NOT_SPECIFIED,
  SERVICETYPE_CONTROLLEDLOAD,
  type Flowspec,
} from '../../../vocabulary/qos.js';
import {
  WSA_OPERATION_ABORTED,
  statusOfNodeError,
  type Status,
} from '../../../vocabulary/error-codes.js';
import { errorOf } from '../../system-errors.js';
import {
  EventKind,
  detailOf,
  kindOf,
  thirdOf,
  type EventTarget,
} from './events.js';
import {
  OUTGOING_LENGTH,
  type EngineLoop,
  type Flushed,
  type PeerName,
} from './loop.js';

/** Octets reserved for a preface in the outgoing buffer. */
const PREFACE_ROOM = 64;

/** Windows's code point for controlled load: class selector 3. */
const CONTROLLED_LOAD = 0x18;

/** A write that the system did not take at once. */
interface PendingWrite {
  done: Done | undefined;
  /** Kept alive until they are sent. */
  pieces: readonly Uint8Array[] | undefined;
}

/** State of a connection before it has an id. */
export interface Dialing {
  abandon(): void;
}

/** Moves frames over a connection of the engine. */
export class EngineTransport
  extends AsyncResource
  implements FrameTransport, EventTarget, Flushed, Lingering
{
  readonly #loop: EngineLoop;
  readonly #from: Role;
  #sink: FrameSink | undefined;

  /** -1 before it is dialled, and after it is released. */
  #id = -1;
  #dialing: Dialing | undefined;
  /** An incoming connection's peer; for a pipe its path, if it has one. */
  #peer: PeerName | string | undefined;
  /** The address where it came in, if that is a single one. */
  #local: Address | undefined;
  #unref = false;

  /** Waits for the next frame. */
  #preface: Uint8Array = NOTHING;
  #pending: PendingWrite[] = NONE;
  #finRequested = false;
  #finSent = false;
  /** The peer's FIN is in. */
  #isEnded = false;
  #finDone: Done | undefined;
  /** Status of writes that are under way when it is released. */
  #fate: Status = WSA_OPERATION_ABORTED;

  /** A frame that comes in pieces. */
  #frameType = 0;
  #payload: OctetAccumulator | undefined;

  #silent = false;
  #watch: LingerWatch | undefined;

  constructor(loop: EngineLoop, sink: FrameSink, options: TransportOptions) {
    super('GOODBYTE', { requireManualDestroy: true });
    this.#loop = loop;
    this.#sink = sink;
    this.#from = options.from;
  }

  /** The connection has yet to be made. */
  dial(dialing: Dialing): void {
    this.#dialing = dialing;
  }

  /** The connection is open. */
  begin(id: number, peer?: PeerName | string, local?: Address): void {
    this.#dialing = undefined;
    this.#id = id;
    this.#peer = peer;
    this.#local = local;
    this.#loop.register(id, this);
    if (this.#unref) this.#loop.native.unref(id);
  }

  /** The dialled connection is open. */
  onDialed(id: number, path?: string): void {
    this.begin(id, path);
    this.runInAsyncScope(() => this.#sink?.onDialed());
  }

  /** The connection can't be made. */
  fail(error: Error): void {
    this.#dialing = undefined;
    this.runInAsyncScope(() => {
      this.#sink?.onLost(error);
      this.#release();
    });
  }

  // -- sending --------------------------------------------------------------

  sendPreface(role: Role, minVersion: number, maxVersion: number): void {
    // Frames that follow a preface in this tick travel with it, in one write.
    this.#preface = prefaceOf(role, minVersion, maxVersion);
    this.#loop.flushSoon(this);
  }

  flush(): void {
    if (this.#preface.length === 0) return;
    this.#write(this.#takePreface(), undefined);
  }

  /** Puts a waiting preface in front of the data to be written. */
  #takePreface(): number {
    const preface = this.#preface;
    this.#preface = NOTHING;
    this.#loop.outgoing.set(preface);
    return preface.length;
  }

  sendFrame(type: FrameType, payload: Uint8Array, done?: Done): boolean {
    return this.#sendPieces([payload], payload.length, type, done);
  }

  sendData(
    pieces: readonly Uint8Array[],
    length: number,
    done?: Done,
  ): boolean {
    return this.#sendPieces(pieces, length, FrameType.DATA, done);
  }

  sendPlain(octets: Uint8Array, done?: Done): boolean {
    if (octets.length > OUTGOING_LENGTH) {
      return this.#writeKept(0, [octets], done);
    }
    this.#loop.outgoing.set(octets);
    return this.#write(octets.length, done);
  }

  #sendPieces(
    pieces: readonly Uint8Array[],
    length: number,
    type: FrameType,
    done: Done | undefined,
  ): boolean {
    if (this.#finRequested) return true;
    const { outgoing } = this.#loop;
    let at = this.#takePreface();
    at = writeFrameHeader(outgoing, at, type, length);
    if (isCopied(length)) {
      for (const piece of pieces) {
        copyOctets(piece, 0, piece.length, outgoing, at);
        at += piece.length;
      }
      return this.#write(at, done);
    }
    const kept = pieces.length > MOST_PIECES ? [joined(pieces)] : pieces;
    return this.#writeKept(at, kept, done);
  }

  #write(length: number, done: Done | undefined): boolean {
    const writing = this.#loop.native.write(this.#id, length);
    return this.#onWriting(writing, undefined, done);
  }

  #writeKept(
    length: number,
    pieces: readonly Uint8Array[],
    done: Done | undefined,
  ): boolean {
    const writing = this.#loop.native.writeKept(this.#id, length, pieces);
    return this.#onWriting(writing, pieces, done);
  }

  #onWriting(
    writing: number,
    pieces: readonly Uint8Array[] | undefined,
    done: Done | undefined,
  ): boolean {
    if (writing === 0) return true;
    this.#keep({ done, pieces });
    return false;
  }

  #keep(write: PendingWrite): void {
    if (this.#pending.length > 0) this.#pending.push(write);
    else this.#pending = [write];
  }

  #onSent(count: number): void {
    for (const { done } of this.#pending.splice(0, count)) done?.(0);
    if (!this.#silent && !this.willDrain) this.#sink?.onDrain();
  }

  sendFin(done?: Done): boolean {
    if (this.#finRequested) return true;
    this.flush();
    this.#finRequested = true;
    return this.#onShutdown(this.#loop.native.shutdown(this.#id), done);
  }

  sendLastFrame(type: FrameType, payload: Uint8Array, done?: Done): boolean {
    if (this.willDrain || !isCopied(payload.length)) {
      this.sendFrame(type, payload);
      return this.sendFin(done);
    }
    if (this.#finRequested) return true;
    const { native, outgoing } = this.#loop;
    const at = writeFrameHeader(
      outgoing,
      this.#takePreface(),
      type,
      payload.length,
    );
    outgoing.set(payload, at);
    this.#finRequested = true;
    return this.#onShutdown(
      native.writeLast(this.#id, at + payload.length),
      done,
    );
  }

  #onShutdown(isSent: boolean, done: Done | undefined): boolean {
    if (isSent) this.#finSent = true;
    else this.#finDone = done;
    return isSent;
  }

  get unsent(): number {
    return this.willDrain ? this.#loop.native.countUnsent(this.#id) : 0;
  }

  get willDrain(): boolean {
    return this.#pending.length > 0;
  }

  // -- receiving ------------------------------------------------------------

  get received(): number {
    return this.#loop.native.countReceived(this.#id);
  }

  pause(): void {
    this.#loop.native.pause(this.#id);
  }

  resume(): void {
    this.#loop.native.resume(this.#id);
  }

  /** The addon has done so by itself, after the request. */
  hold(): void {}

  release(): void {
    this.#loop.native.release(this.#id);
  }

  onEvent(what: number, a: number, b: number): void {
    this.runInAsyncScope(hear, undefined, this, what, a, b);
  }

  hear(what: number, a: number, b: number): void {
    const kind = kindOf(what);
    switch (kind) {
      case EventKind.sent:
        this.#onSent(a);
        return;
      case EventKind.finSent:
        this.#finSent = true;
        this.#tellFin(0);
        return;
      case EventKind.released:
        this.#release();
        return;
    }
    if (this.#silent) return;
    switch (kind) {
      case EventKind.data:
        this.#sink?.onData(this.#loop.take(what, a, b));
        return;
      case EventKind.frame:
        this.#onFrame(detailOf(what), this.#loop.take(what, a, b));
        return;
      case EventKind.frameStart:
        this.#frameType = detailOf(what);
        this.#payload ??= new OctetAccumulator();
        this.#payload.start(b);
        return;
      case EventKind.framePiece:
        this.#payload!.append(this.#loop.view(what, a, b));
        if (detailOf(what) === 1) {
          this.#onFrame(this.#frameType, this.#payload!.take());
        }
        return;
      case EventKind.preface:
        this.#sink?.onPreface(a, b);
        return;
      case EventKind.plain:
        this.#sink?.onPlain();
        return;
      case EventKind.violation:
        this.#onViolation(what, a, b);
        return;
      case EventKind.end:
        this.#isEnded = true;
        this.#sink?.onEnd();
        return;
      case EventKind.lost:
        this.#onLost(errorOf(a, 'read'));
        return;
    }
  }

  #onFrame(type: number, payload: Uint8Array): void {
    if (type === FrameType.DATA) this.#sink?.onData(payload);
    else this.#sink?.onFrame(type, payload);
  }

  #onViolation(what: number, a: number, b: number): void {
    const third = thirdOf(what);
    this.#sink?.onViolation(
      violationOfNumbers(
        detailOf(what),
        third & 0xff,
        third >>> 8,
        a >>> 0,
        b >>> 0,
        this.#from,
      ),
    );
  }

  #onLost(error: Error): void {
    this.#fate = statusOfNodeError(error);
    this.#sink?.onLost(error);
  }

  #tellFin(status: Status): void {
    const done = this.#finDone;
    this.#finDone = undefined;
    done?.(status);
  }

  // -- the end --------------------------------------------------------------

  linger(milliseconds: number, total: boolean, how?: LingerWay): void {
    this.flush();
    this.#finRequested = true;
    this.#silent = true;
    const { native } = this.#loop;
    const isSent =
      how === 'brief'
        ? native.lingerBriefly(this.#id)
        : native.linger(this.#id);
    if (isSent) this.#finSent = true;
    // After both FINs it is being closed.
    if (this.#isEnded && this.#finSent) return;
    this.#watch = new LingerWatch(
      this,
      milliseconds,
      total,
      how === 'courtesy',
    );
  }

  get left(): number {
    return this.unsent + (this.#finSent ? 0 : 1);
  }

  get outstanding(): number {
    return Math.max(0, this.#loop.native.countOutstanding(this.#id));
  }

  cut(): void {
    this.#loop.native.reset(this.#id);
  }

  reset(fate?: Status): void {
    this.#fate = fate ?? this.#fate;
    if (this.#dialing) {
      this.#dialing.abandon();
      this.#dialing = undefined;
      process.nextTick(releaseUndialed, this);
    } else {
      this.cut();
    }
    this.#silent = true;
  }

  detach(): void {
    this.#sink = undefined;
  }

  releaseUndialed(): void {
    this.#release();
  }

  /** It is gone; data that waited will not be sent. */
  #release(): void {
    this.#id = -1;
    this.#watch?.stop();
    const waiting = this.#pending;
    this.#pending = NONE;
    for (const { done } of waiting) done?.(this.#fate);
    this.#tellFin(this.#fate);
    this.#sink?.onReleased();
    this.#sink = undefined;
    this.emitDestroy();
  }

  // -- the medium -----------------------------------------------------------

  ref(): void {
    this.#unref = false;
    this.#loop.native.ref(this.#id);
  }

  unref(): void {
    this.#unref = true;
    this.#loop.native.unref(this.#id);
  }

  setNoDelay(on: boolean): void {
    this.#loop.native.setNoDelay(this.#id, on);
  }

  setKeepAlive(on: boolean, delay = 0, probes: KeepAliveProbes = {}): void {
    this.#loop.native.setKeepAlive(this.#id, on, secondsOf(delay));
    if (!on) return;
    const { interval = 0, count = 0 } = probes;
    if (secondsOf(interval) > 0) {
      this.setTcpOption('keepAliveInterval', secondsOf(interval));
    }
    if (count > 0) this.setTcpOption('keepAliveCount', count);
  }

  setTypeOfService(value: number): boolean {
    const { native } = this.#loop;
    const codePoint = value >> CODE_POINT_SHIFT;
    return (
      native.setOption(this.#id, SocketOption.serviceClass, codePoint) === 0
    );
  }

  get typeOfService(): number | undefined {
    const codePoint = this.#loop.option(this.#id, SocketOption.serviceClass);
    return codePoint === undefined ? undefined : codePoint << CODE_POINT_SHIFT;
  }

  setTcpOption(option: TcpOption, value: number): boolean {
    const { native } = this.#loop;
    return native.setOption(this.#id, SocketOption[option], value) === 0;
  }

  tcpOption(option: TcpOption): number | undefined {
    return this.#loop.option(this.#id, SocketOption[option]);
  }

  shape({ tokenRate, serviceType }: Flowspec): void {
    const { native } = this.#loop;
    // If the system cannot, the flow is still agreed on.
    if (tokenRate !== QOS_NOT_SPECIFIED && tokenRate > 0) {
      native.setOption(this.#id, SocketOption.pacingRate, tokenRate);
    }
    if (serviceType === SERVICETYPE_CONTROLLEDLOAD) {
      native.setOption(this.#id, SocketOption.serviceClass, CONTROLLED_LOAD);
    }
  }

  get stream(): undefined {
    return undefined;
  }

  get #isPipe(): boolean {
    return typeof this.#peer === 'string';
  }

  get localAddress(): Address | undefined {
    if (this.#local) return { ...this.#local };
    return this.#isPipe ? undefined : this.#loop.localAddress(this.#id);
  }

  get remoteAddress(): Address | undefined {
    const peer = this.#peer;
    if (peer === undefined) return this.#loop.peerAddress(this.#id);
    if (typeof peer !== 'string') return this.#loop.addressOf(peer);
    const identity = this.#loop.peerIdentity(this.#id);
    return { family: 'unix', address: peer, port: 0, identity };
  }
}

function hear(
  transport: EngineTransport,
  what: number,
  a: number,
  b: number,
): void {
  transport.hear(what, a, b);
}

function releaseUndialed(transport: EngineTransport): void {
  transport.releaseUndialed();
}

/** As in net: a value that is not a number of milliseconds counts as absent. */
function secondsOf(milliseconds: number): number {
  return Math.trunc(Math.min(Math.max(milliseconds, 0) / 1000, MOST)) || 0;
}

/** Copied, rather than kept until it is sent. */
function isCopied(length: number): boolean {
  return length <= OUTGOING_LENGTH - PREFACE_ROOM;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(pieces);
}

const NOTHING = new Uint8Array(0);
/** A number as the addon takes it. */
const MOST = 0xffffffff;
const NONE: PendingWrite[] = [];
/** A code point's place in its octet. */
const CODE_POINT_SHIFT = 2;
