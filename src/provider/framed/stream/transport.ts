// Longer than other files: a method for each call of a frame transport and for
// each event of the Duplex and the decoder, and they share a connection's state.

import { AsyncResource } from 'node:async_hooks';
import type { Duplex } from 'node:stream';
import {
  WSAECONNRESET,
  statusOfNodeError,
  type Status,
} from '../../../vocabulary/error-codes.js';
import { TimeLimit } from '../../../time-limit.js';
import { Decoder, type DecoderSink } from '../decoder.js';
import { LingerWatch, type Lingering } from '../../linger-watch.js';
import type {
  FrameSink,
  FrameTransport,
  LingerWay,
  TransportOptions,
} from '../transport.js';
import type { Violation } from '../violation.js';
import { FrameType, Role } from '../wire.js';
import { joined } from './joined.js';
import { isInOrder } from './outstanding.js';
import { NOTHING, StreamSending } from './sending.js';

/** Most octets that are dropped after an abort. */
const BRIEF_LINGER_DROPS = 65_536;

/** Pieces of data to report before other connections get their turn. */
const MOST_PIECES_IN_TURN = 1024;

/** From this length on, a piece is reported alone: joining would cost more. */
const LARGE = 16 * 1024;

const carried = Symbol('goodbyte.transport');

/** A Duplex knows its kind. */
type Carrying = Duplex & { [carried]: StreamTransport };

/**
 * Moves frames over a Duplex: TCP, a pipe, TLS, or the user's own.
 *
 * The Duplex is half-open (`allowHalfOpen`), and belongs to the transport from
 * its construction until `onReleased`.
 */
export class StreamTransport
  extends StreamSending
  implements FrameTransport, DecoderSink, Lingering
{
  #sink: FrameSink | undefined;
  readonly #decoder: Decoder;
  readonly #holdLimit: number;
  readonly #isStream: boolean;
  /** Short pieces of a stream that arrived together, to report together. */
  #gathered: Uint8Array | undefined;
  /** The pieces behind it. */
  #behind: Uint8Array[] | undefined;

  #paused = false;
  #pausedByHold = false;
  #endHeld = false;
  /** Pieces reported since the last pause for others. */
  #told = 0;
  /** The rest of the input is left for the next turn. */
  #yielding = false;
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
   * Of an incoming connection, where it was taken in: the events of Node's own
   * accepted sockets have none. One for each, so that what a listener enters
   * stays its own. Data goes without, as in net: an echo would take 3 % longer.
   */
  readonly #context: AsyncResource | undefined;

  /**
   * @param connectEvent the event of `stream` that reports that it is connected;
   *  `undefined` if it is.
   */
  constructor(
    stream: Duplex,
    sink: FrameSink,
    options: TransportOptions,
    connectEvent?: 'connect' | 'secureConnect',
  ) {
    super(stream);
    this.#sink = sink;
    this.#decoder = new Decoder(this, options);
    this.#holdLimit = options.holdLimit;
    this.#isStream = options.messageLimit === undefined;
    this.#context =
      options.from === Role.caller
        ? new AsyncResource('GOODBYTE', { requireManualDestroy: true })
        : undefined;

    (stream as Carrying)[carried] = this;
    stream.on('data', onData);
    stream.on('end', onEnd);
    stream.on('drain', onDrain);
    stream.on('error', onError);
    stream.on('close', onClose);
    if (connectEvent) stream.on(connectEvent, onDialed);
    else this.noteRemoteAddress();
    const { plainAfter } = options;
    if (plainAfter !== undefined) {
      const take = () => this.takeAsPlain();
      this.#silence = new TimeLimit(plainAfter, take).unref();
    }
  }

  /** Its peer speaks no framing; not for a plain one, or after an octet. */
  takeAsPlain(): void {
    this.#decoder.takeAsPlain();
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

  onStreamDialed(): void {
    this.#sink?.onDialed();
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

  /** There will be no next turn. */
  #tellAll(): void {
    this.#told = -Infinity;
    this.goOn();
  }

  onPreface(minVersion: number, maxVersion: number): void {
    this.#tellGathered();
    this.#sink?.onPreface(minVersion, maxVersion);
  }

  onPlain(): void {
    this.#tell(tellPlain, undefined, undefined);
  }

  onFrame(type: number, payload: Uint8Array): void {
    this.#tellGathered();
    this.#tell(tellFrame, type, payload);
    // One may follow the other, and each is reported.
    if (type === FrameType.NOTICE) this.#countTold();
  }

  #tell<A, B>(event: SinkEvent<A, B>, a: A, b: B): void {
    const sink = this.#sink;
    if (!sink) return;
    if (this.#context) {
      this.#context.runInAsyncScope(event, undefined, sink, a, b);
    } else {
      event(sink, a, b);
    }
  }

  onData(data: Uint8Array): void {
    if (!this.#isStream || data.length >= LARGE) {
      this.#tellGathered();
      this.#sink?.onData(data);
    } else if (!this.#gathered) this.#gathered = data;
    else (this.#behind ??= []).push(data);
    this.#countTold();
  }

  #countTold(): void {
    this.#told++;
    if (this.#told >= MOST_PIECES_IN_TURN && !this.#lingering) this.#yield();
  }

  /** Before all other reports, and once no more input has come. */
  #tellGathered(): void {
    const first = this.#gathered;
    if (!first) return;
    const behind = this.#behind;
    // Emptied first: the receiver may have the rest decoded.
    this.#gathered = undefined;
    this.#behind = undefined;
    this.#sink?.onData(behind ? joined([first, ...behind]) : first);
  }

  onViolation(broken: Violation): void {
    this.#tellGathered();
    this.#tell(tellViolation, broken, undefined);
  }

  // -- the end --------------------------------------------------------------

  onStreamEnd(): void {
    this.#endSilence();
    this.#ended = true;
    if (this.#lingering) {
      this.closeIfDone();
      return;
    }
    this.#decoder.takeRestAsPlain();
    // A caller without frames may send everything and end: that is not a
    // withdrawal, and is reported after the held octets.
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
    if (broken) this.#tell(tellViolation, broken, undefined);
    else this.#tell(tellEnd, undefined, undefined);
  }

  /**
   * libuv takes a reset after data for a FIN (until 1.52). If the system does
   * not say which, an empty write distinguishes them, or other writes under way
   * do.
   */
  #askHowItEnded(onfin: () => void): void {
    const { stream } = this;
    if (!this.hasReset || this.finSent || !stream.writable) onfin();
    else if (isInOrder(this.net!)) onfin();
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
    this.fate = error ? statusOfNodeError(error) : WSAECONNRESET;
    this.#decoder.stop();
    if (!this.#lingering) this.#tell(tellLost, error, undefined);
  }

  onStreamClose(): void {
    this.#watch?.stop();
    this.#tellAll();
    // A stream that closes without an end was destroyed by other code.
    if (!this.#ended) this.onStreamLost(undefined);
    this.endWrites();
    this.#tell(tellReleased, undefined, undefined);
    this.#sink = undefined;
    this.#context?.emitDestroy();
  }

  linger(milliseconds: number, total: boolean, how?: LingerWay): void {
    this.#lingering = true;
    this.#endSilence();
    if (how === 'brief') this.#droppable = BRIEF_LINGER_DROPS;
    this.#decoder.stop();
    // A last word on its way keeps the process alive, even after unref.
    this.net?.ref();
    this.sendFin();
    // Unread inbound octets would make the system reset the connection at
    // close, which destroys data on its way to the peer.
    this.stream.resume();
    this.stream.on('finish', onFinish);
    this.closeIfDone();
    if (!this.stream.destroyed) {
      this.#watch = new LingerWatch(
        this,
        milliseconds,
        total,
        how === 'courtesy',
      );
    }
  }

  closeIfDone(): void {
    if (this.#ended && this.stream.writableFinished) this.stream.destroy();
  }

  cut(): void {
    this.abort();
  }

  reset(fate?: Status): void {
    this.fate = fate ?? this.fate;
    this.#lingering = true;
    this.#endSilence();
    this.#decoder.stop();
    this.abort();
  }

  detach(): void {
    this.#sink = undefined;
  }
}

type SinkEvent<A, B> = (sink: FrameSink, a: A, b: B) => void;

function tellPlain(sink: FrameSink): void {
  sink.onPlain();
}

function tellViolation(sink: FrameSink, broken: Violation): void {
  sink.onViolation(broken);
}

function tellEnd(sink: FrameSink): void {
  sink.onEnd();
}

function tellLost(sink: FrameSink, error: Error | undefined): void {
  sink.onLost(error);
}

function tellReleased(sink: FrameSink): void {
  sink.onReleased();
}

function tellFrame(sink: FrameSink, type: number, payload: Uint8Array): void {
  sink.onFrame(type, payload);
}

function goOn(transport: StreamTransport): void {
  transport.goOn();
}

// One listener for all streams, rather than one for each.

function onDialed(this: Carrying): void {
  this[carried].onStreamDialed();
}

function onFinish(this: Carrying): void {
  this[carried].closeIfDone();
}

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
