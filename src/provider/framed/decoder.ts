// Longer than other files: the rules on the order and length of frames are
// checked in one pass over the octets.

import {
  afterHandshake,
  badMagic,
  badRole,
  badVersion,
  cutConnection,
  cutHeader,
  cutPayload,
  cutPreface,
  frameTooLong,
  notHandshake,
  proxyHeader,
  trailingOctets,
  unknownFrame,
} from './frame-violations.js';
import { copyOf } from './copy-octets.js';
import { OctetAccumulator } from './octet-accumulator.js';
import type { Violation } from './violation.js';
import {
  FRAME_HEADER_LENGTH,
  FrameType,
  IGNORABLE,
  MAGIC,
  MAX_PING,
  PREFACE_LENGTH,
  PROXY_SIGNATURES,
  Role,
} from './wire.js';

/**
 * Events of a decoder. The same octets in any segmentation give the same calls,
 * except for the cuts in stream data.
 */
export interface DecoderSink {
  onPreface(minVersion: number, maxVersion: number): void;
  /**
   * The peer speaks no framing, which is allowed: everything from here on is
   * data.
   */
  onPlain(): void;
  /** A whole control frame, in an order that §7.1 allows. */
  onFrame(type: number, payload: Uint8Array): void;
  /** Octets of a stream as they come, or one whole message. */
  onData(data: Uint8Array): void;
  /** The first broken rule. No event follows. */
  onViolation(broken: Violation): void;
}

export interface DecoderOptions {
  /** The side whose octets are decoded. */
  from: Role;
  /** The longest control frame payload taken, in octets. */
  controlLimit: number;
  /** The longest message taken, in octets; `undefined` on a stream. */
  messageLimit?: number | undefined;
  /** Accept a peer without framing as a plain connection (§9). */
  allowPlain?: boolean | undefined;
  /** Except one that begins with a PROXY protocol header. */
  refusesProxyHeaders?: boolean | undefined;
}

const State = {
  Preface: 0,
  Header: 1,
  StreamData: 2,
  Message: 3,
  Control: 4,
  Skip: 5,
  Plain: 6,
  /** DISCONNECT, REJECT or RESET was the last frame: nothing may follow. */
  Ended: 7,
  /** Violated or stopped: input is dropped. */
  Stopped: 8,
  /** No framing; perhaps a PROXY protocol header. */
  Stranger: 9,
} as const;
type State = (typeof State)[keyof typeof State];

/** The frames that may come (§7.1). */
const Phase = {
  Handshake: 0,
  Body: 1,
} as const;
type Phase = (typeof Phase)[keyof typeof Phase];

/**
 * Turns the octets of one direction into frames: preface, headers, limits and
 * order. It does not interpret fields. It never throws.
 *
 * Data that fills most of its memory is not copied; everything else that may be
 * kept is. So no piece holds more than twice its octets. Reported data is not
 * read again: it may have been transferred.
 */
export class Decoder {
  readonly #sink: DecoderSink;
  readonly #options: DecoderOptions;
  #state: State = State.Preface;
  #phase: Phase = Phase.Handshake;

  /** Octets of the preface or of a frame header that was cut. */
  #scratch = EMPTY;
  #scratchLength = 0;

  #type = 0;
  /** Octets of the payload that have not come yet. */
  #missing = 0;
  /** For a frame that came in pieces; made for the first such frame. */
  #payload: OctetAccumulator | undefined;

  #holding = false;
  #held: Uint8Array[] | undefined;
  #heldLength = 0;

  constructor(sink: DecoderSink, options: DecoderOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  /** Whether the connection so far is a whole number of frames. */
  get atBoundary(): boolean {
    switch (this.#state) {
      case State.Header:
        return this.#scratchLength === 0;
      case State.Plain:
      case State.Ended:
      case State.Stopped:
        return true;
      default:
        return false;
    }
  }

  /** A peer that has sent nothing has no framing: later input is data. */
  takeAsPlain(): void {
    if (this.started || !this.#takesPlain) return;
    this.#state = State.Plain;
    this.#sink.onPlain();
  }

  /** No more input: these octets do not become a PROXY header. */
  takeRestAsPlain(): void {
    if (this.#state === State.Stranger && this.#takesPlain) this.#takePlain();
  }

  /**
   * Octets without frames have no message boundaries, and §9 covers callers
   * only.
   */
  get #takesPlain(): boolean {
    const { from, allowPlain, messageLimit } = this.#options;
    return (
      allowPlain === true && messageLimit === undefined && from === Role.caller
    );
  }

  /** Whether any octet has come. */
  get started(): boolean {
    return this.#state !== State.Preface || this.#scratchLength > 0;
  }

  /** A plain peer's octets wait for {@link release}. */
  get holdsPlain(): boolean {
    return this.#holding && this.#state === State.Plain;
  }

  /** Octets that wait for {@link release}. */
  get heldLength(): number {
    return this.#heldLength;
  }

  /** Decodes octets; calls the sink before it returns. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && !this.#holding) {
      switch (this.#state) {
        case State.Preface:
          at = this.#readPreface(chunk, at);
          break;
        case State.Stranger:
          at = this.#readStranger(chunk, at);
          break;
        case State.Header:
          at = this.#readHeader(chunk, at);
          break;
        case State.StreamData:
          at = this.#readStreamData(chunk, at);
          break;
        case State.Message:
        case State.Control:
          at = this.#readWhole(chunk, at);
          break;
        case State.Skip:
          at = this.#skip(chunk, at);
          break;
        case State.Plain:
          this.#passOn(chunk, at, chunk.length);
          return;
        case State.Ended:
          this.#fail(trailingOctets(this.#type));
          return;
        case State.Stopped:
          return;
      }
    }
    if (at < chunk.length && this.#state !== State.Stopped) {
      this.#held ??= [];
      this.#held.push(rest(chunk, at));
      this.#heldLength += chunk.length - at;
    }
  }

  /** Holds input, undecoded, until {@link release}. */
  hold(): void {
    this.#holding = true;
  }

  /** Decodes the held octets. */
  release(): void {
    this.#holding = false;
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#heldLength = 0;
    for (const chunk of held) this.push(chunk);
  }

  /**
   * The peer's FIN: a violation if it cuts a preface, a frame, or a connection
   * whose last frame has not come. Before the verdict it is a withdrawal.
   */
  end(): Violation | undefined {
    if (!this.started) return undefined;
    if (this.atBoundary) {
      const isOpen =
        this.#state === State.Header &&
        this.#phase === Phase.Body &&
        !this.#holding;
      return isOpen ? cutConnection() : undefined;
    }
    switch (this.#state) {
      case State.Preface:
        return cutPreface(this.#scratchLength);
      case State.Stranger:
        return badMagic(this.#scratch.subarray(0, this.#scratchLength));
      case State.Header:
        return cutHeader();
      default:
        return cutPayload(this.#type, this.#missing);
    }
  }

  /** Drops all further input, and the held octets. */
  stop(): void {
    this.#state = State.Stopped;
    this.#holding = false;
    this.#held = undefined;
    this.#heldLength = 0;
  }

  #fail(broken: Violation): void {
    this.stop();
    this.#sink.onViolation(broken);
  }

  /** Keeps an octet of a preface or header that was cut. */
  #note(octet: number): void {
    if (this.#scratch === EMPTY) this.#scratch = new Uint8Array(PREFACE_LENGTH);
    this.#scratch[this.#scratchLength++] = octet;
  }

  #readPreface(chunk: Uint8Array, at: number): number {
    if (this.#scratchLength === 0 && isWholePreface(chunk, at)) {
      this.#takePreface(chunk, at);
      return at + PREFACE_LENGTH;
    }
    while (at < chunk.length && this.#scratchLength < PREFACE_LENGTH) {
      const octet = chunk[at]!;
      const index = this.#scratchLength;
      if (index < MAGIC.length && octet !== MAGIC[index]) {
        return this.#notFraming(chunk, at);
      }
      this.#note(octet);
      at++;
    }
    if (this.#scratchLength === PREFACE_LENGTH) {
      this.#scratchLength = 0;
      this.#takePreface(this.#scratch, 0);
    }
    return at;
  }

  /** @param octets contain all of it, from `at` on, with the magic. */
  #takePreface(octets: Uint8Array, at: number): void {
    const role = octets[at + 5]!;
    const minVersion = octets[at + 6]!;
    const maxVersion = octets[at + 7]!;
    if (role !== this.#options.from) {
      this.#fail(badRole(role, this.#options.from));
    } else if (minVersion === 0 || minVersion > maxVersion) {
      this.#fail(badVersion(minVersion, maxVersion));
    } else {
      this.#state = State.Header;
      this.#sink.onPreface(minVersion, maxVersion);
    }
  }

  #notFraming(chunk: Uint8Array, at: number): number {
    const isWatched =
      this.#options.refusesProxyHeaders && this.#scratchLength === 0;
    if (!this.#takesPlain || isWatched) {
      this.#state = State.Stranger;
      return at;
    }
    this.#takePlain();
    return at;
  }

  /** The checked octets are data, too. */
  #takePlain(): void {
    const before = this.#scratch.slice(0, this.#scratchLength);
    this.#state = State.Plain;
    this.#scratchLength = 0;
    this.#sink.onPlain();
    if (before.length > 0) this.push(before);
  }

  /** Each octet is checked until it cannot be a PROXY protocol header. */
  #readStranger(chunk: Uint8Array, at: number): number {
    const octet = chunk[at]!;
    const length = this.#scratchLength;
    const signature = PROXY_SIGNATURES.find(
      (one) =>
        this.#options.from === Role.caller &&
        one[length] === octet &&
        this.#scratch.subarray(0, length).every((it, i) => it === one[i]),
    );
    if (!signature && this.#takesPlain) {
      this.#takePlain();
      return at;
    }
    if (!signature) {
      const seen = Buffer.concat([
        this.#scratch.subarray(0, length),
        chunk.subarray(at, at + PREFACE_LENGTH),
      ]);
      this.#fail(badMagic(seen));
      return at;
    }
    this.#note(octet);
    if (this.#scratchLength === signature.length) this.#fail(proxyHeader());
    return at + 1;
  }

  #readHeader(chunk: Uint8Array, at: number): number {
    if (this.#scratchLength === 0 && chunk.length - at >= FRAME_HEADER_LENGTH) {
      this.#startFrame(chunk, at);
      return at + FRAME_HEADER_LENGTH;
    }
    while (at < chunk.length && this.#scratchLength < FRAME_HEADER_LENGTH) {
      this.#note(chunk[at++]!);
    }
    if (this.#scratchLength === FRAME_HEADER_LENGTH) {
      this.#scratchLength = 0;
      this.#startFrame(this.#scratch, 0);
    }
    return at;
  }

  #startFrame(header: Uint8Array, at: number): void {
    const type = header[at]!;
    const length =
      (header[at + 1]! << 16) | (header[at + 2]! << 8) | header[at + 3]!;
    let limit = this.#options.controlLimit;
    this.#type = type;

    switch (type) {
      case FrameType.DATA:
        if (this.#phase !== Phase.Body) return this.#unexpected();
        this.#startData(length);
        return;
      case FrameType.DISCONNECT:
      case FrameType.NOTICE:
        if (this.#phase !== Phase.Body) return this.#unexpected();
        break;
      case FrameType.PING:
      case FrameType.PONG:
        if (this.#phase !== Phase.Body) return this.#unexpected();
        limit = MAX_PING;
        break;
      case FrameType.CONNECT:
        if (
          this.#phase !== Phase.Handshake ||
          this.#options.from !== Role.caller
        )
          return this.#unexpected();
        break;
      case FrameType.ACCEPT:
      case FrameType.REJECT:
        if (
          this.#phase !== Phase.Handshake ||
          this.#options.from !== Role.callee
        )
          return this.#unexpected();
        break;
      case FrameType.RESET:
        break;
      default:
        if (type & IGNORABLE) {
          this.#missing = length;
          if (length > 0) this.#state = State.Skip;
          return;
        }
        this.#fail(unknownFrame(type));
        return;
    }
    if (length > limit) {
      this.#fail(frameTooLong(type, length, limit));
      return;
    }
    this.#startWhole(State.Control, length);
  }

  #startData(length: number): void {
    const { messageLimit } = this.#options;
    if (messageLimit === undefined) {
      this.#missing = length;
      if (length > 0) this.#state = State.StreamData;
    } else if (length > messageLimit) {
      this.#fail(frameTooLong(FrameType.DATA, length, messageLimit));
    } else {
      this.#startWhole(State.Message, length);
    }
  }

  #startWhole(state: State, length: number): void {
    this.#state = state;
    this.#missing = length;
    if (length === 0) this.#finish(EMPTY);
  }

  #readStreamData(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.#missing);
    this.#missing -= end - at;
    if (this.#missing === 0) this.#state = State.Header;
    return this.#passOn(chunk, at, end);
  }

  /** Reports data that lies in `chunk`; returns where to continue. */
  #passOn(chunk: Uint8Array, at: number, end: number): number {
    if (2 * (end - at) < chunk.buffer.byteLength) {
      this.#sink.onData(copyOf(chunk, at, end));
      return end;
    }
    const behind =
      end < chunk.length ? copyOf(chunk, end, chunk.length) : EMPTY;
    this.#sink.onData(chunk.subarray(at, end));
    this.push(behind);
    return ALL;
  }

  #readWhole(chunk: Uint8Array, at: number): number {
    const missing = this.#missing;
    const end = Math.min(chunk.length, at + missing);
    this.#missing -= end - at;
    if (!this.#payload?.expected) {
      // A payload in one piece is passed on as it is.
      if (this.#missing === 0) {
        if (this.#state !== State.Message) {
          this.#finish(kept(chunk, at, end));
          return end;
        }
        this.#state = State.Header;
        this.#phase = Phase.Body;
        return this.#passOn(chunk, at, end);
      }
      this.#payload ??= new OctetAccumulator();
      this.#payload.start(missing);
    }
    this.#payload.append(chunk.subarray(at, end));
    if (this.#missing === 0) this.#finish(this.#payload.take());
    return end;
  }

  #finish(payload: Uint8Array): void {
    const isMessage = this.#state === State.Message;
    const type = this.#type;
    this.#state =
      type === FrameType.DISCONNECT ||
      type === FrameType.REJECT ||
      type === FrameType.RESET
        ? State.Ended
        : State.Header;
    this.#phase = Phase.Body;
    if (isMessage) this.#sink.onData(payload);
    else this.#sink.onFrame(type, payload);
  }

  #skip(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.#missing);
    this.#missing -= end - at;
    if (this.#missing === 0) this.#state = State.Header;
    return end;
  }

  #unexpected(): void {
    this.#fail(
      this.#phase === Phase.Handshake
        ? notHandshake(this.#type, this.#options.from)
        : afterHandshake(this.#type),
    );
  }
}

function isWholePreface(chunk: Uint8Array, at: number): boolean {
  if (chunk.length - at < PREFACE_LENGTH) return false;
  for (let index = 0; index < MAGIC.length; index++) {
    if (chunk[at + index] !== MAGIC[index]) return false;
  }
  return true;
}

/**
 * The end of a chunk, which may be kept. It stays where it is unless that would
 * keep more than twice its octets; all earlier reports have copies.
 */
function kept(chunk: Uint8Array, at: number, end: number): Uint8Array {
  return end === chunk.length && 2 * (end - at) >= chunk.buffer.byteLength
    ? chunk.subarray(at, end)
    : copyOf(chunk, at, end);
}

function rest(chunk: Uint8Array, at: number): Uint8Array {
  return at === 0 ? chunk : chunk.subarray(at);
}

const EMPTY: Uint8Array = new Uint8Array(0);
/** The position after a fully used chunk. */
const ALL = Number.POSITIVE_INFINITY;
