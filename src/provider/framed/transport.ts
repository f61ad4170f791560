import type { Duplex } from 'node:stream';
import type { Flowspec } from '../../vocabulary/qos.js';
import type {
  Address,
  ConnectTarget,
  Done,
  KeepAliveProbes,
  TcpOption,
} from '../provider.js';
import type { Status } from '../../vocabulary/error-codes.js';
import type { Violation } from './violation.js';
import type { FrameType, Role } from './wire.js';

/**
 * Moves frames over one connection. It knows headers, limits and how its medium
 * ends; it does not interpret fields.
 *
 * Functions that send with a `done` return whether the system has everything
 * already; `done` is not called then. Otherwise it is called once, even if the
 * connection ends.
 */
export interface FrameTransport {
  sendPreface(role: Role, minVersion: number, maxVersion: number): void;
  sendFrame(type: FrameType, payload: Uint8Array, done?: Done): boolean;
  /** One DATA frame of several pieces, `length` octets together. */
  sendData(pieces: readonly Uint8Array[], length: number, done?: Done): boolean;
  /** Octets without a frame around them, to a plain peer. */
  sendPlain(octets: Uint8Array, done?: Done): boolean;
  /** FIN, after all sent data. */
  sendFin(done?: Done): boolean;
  /** The last frame, and FIN. */
  sendLastFrame(type: FrameType, payload: Uint8Array, done?: Done): boolean;

  /** Octets sent here and not handed to the system. */
  readonly unsent: number;
  /** Its octets that have not left, plus one before its FIN. */
  readonly left: number;
  /**
   * Octets that have left but not been taken by the peer's side: over TCP,
   * those not acknowledged. 0 if the system does not report them.
   */
  readonly outstanding: number;
  /** `onDrain` is to follow. */
  readonly willDrain: boolean;

  /** Octets received: a number that changes with each. */
  readonly received: number;

  /** Reading stops; a few octets may still be reported. */
  pause(): void;
  resume(): void;
  /**
   * Hold input, up to a bound, until {@link release}: octets after CONNECT have
   * no receiver before the verdict. An end is still reported.
   */
  hold(): void;
  release(): void;

  /**
   * Send queued data and FIN, read and drop input until the peer's FIN, then
   * close. Reports only `onReleased`.
   *
   * @param milliseconds until it ends as {@link reset} does.
   * @param total whether the time counts from now, or from the last progress.
   */
  linger(milliseconds: number, total: boolean, how?: LingerWay): void;
  /**
   * End at once, so that the peer sees a reset if the medium has one; only
   * `onReleased` follows.
   *
   * @param fate the status for sends under way.
   */
  reset(fate?: Status): void;
  /** Report nothing from now on. */
  detach(): void;

  ref(): void;
  unref(): void;
  setNoDelay(on: boolean): void;
  setKeepAlive(on: boolean, delay?: number, probes?: KeepAliveProbes): void;
  /** @returns whether it was set: not every medium has it. */
  setTypeOfService(value: number): boolean;
  readonly typeOfService: number | undefined;
  /** @returns whether it was set: not every medium has it. */
  setTcpOption(option: TcpOption, value: number): boolean;
  /** `undefined`: the medium has no such value. */
  tcpOption(option: TcpOption): number | undefined;
  /** Limits the rate, and sets the priority, of sending as far as possible. */
  shape(flow: Flowspec): void;

  readonly localAddress: Address | undefined;
  /** For an incoming connection it is available even after its end. */
  readonly remoteAddress: Address | undefined;
  readonly stream: Duplex | undefined;
}

/**
 * - `brief`, after an abort: at most 64 KiB are dropped, so that the peer does not
 *   believe that dropped data has arrived;
 * - `courtesy`, without a last word: the process need not wait for all of it
 *   ({@link LingerWatch}).
 */
export type LingerWay = 'brief' | 'courtesy';

/** Events of a transport. None is emitted before its constructor returns. */
export interface FrameSink {
  /** The medium is connected. */
  onDialed(): void;
  onPreface(minVersion: number, maxVersion: number): void;
  onPlain(): void;
  onFrame(type: number, payload: Uint8Array): void;
  /** Octets of the stream, or one whole message. */
  onData(data: Uint8Array): void;
  /** FIN between two frames. */
  onEnd(): void;
  onViolation(broken: Violation): void;
  /** Reset, or broken. */
  onLost(error: Error | undefined): void;
  /** All sent data has been handed to the system. */
  onDrain(): void;
  /** The connection is gone. The last call. */
  onReleased(): void;
}

/** The rules by which a transport decodes its input. */
export interface TransportOptions {
  from: Role;
  controlLimit: number;
  messageLimit: number | undefined;
  allowPlain: boolean;
  /**
   * A caller that begins with a PROXY protocol header is not taken for plain.
   */
  refusesProxyHeaders?: boolean | undefined;
  /**
   * Milliseconds of silence that make a caller plain; absent: silence does not.
   */
  plainAfter?: number | undefined;
  /** Octets kept while held; then reading stops. */
  holdLimit: number;
}

/** Connects a transport to a target. */
export type DialTransport = (
  target: ConnectTarget,
  sink: FrameSink,
  options: TransportOptions,
) => FrameTransport;
