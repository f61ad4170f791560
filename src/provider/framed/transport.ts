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
 * Moves frames over one connection. It knows headers, limits and how its
 * medium ends; it does not know what a field means.
 *
 * Functions that send with a `done` return whether the system has it all already;
 * then `done` is not called. Otherwise it is, once, also where the connection
 * ends.
 */
export interface FrameTransport {
  sendPreface(role: Role, minVersion: number, maxVersion: number): void;
  sendFrame(type: FrameType, payload: Uint8Array, done?: Done): boolean;
  /** One DATA frame of several pieces, `length` octets together. */
  sendData(pieces: readonly Uint8Array[], length: number, done?: Done): boolean;
  /** Octets without a frame around them, to a plain peer. */
  sendPlain(octets: Uint8Array, done?: Done): boolean;
  /** FIN, behind all that was sent. */
  sendFin(done?: Done): boolean;
  /** The last frame, and FIN. */
  sendLastFrame(type: FrameType, payload: Uint8Array, done?: Done): boolean;

  /** Octets sent here and not handed to the system. */
  readonly unsent: number;
  /** Octets of it that have not left, and one more before its FIN. */
  readonly left: number;
  /**
   * Octets that have left, and that the peer's side has not taken: those not
   * acknowledged over TCP. 0 where the system does not tell.
   */
  readonly outstanding: number;
  /** `onDrain` is to follow. */
  readonly willDrain: boolean;

  /** Octets that have come: a number that changes with each. */
  readonly received: number;

  /** Reading stops; a few octets may still be told. */
  pause(): void;
  resume(): void;
  /**
   * Keep what comes, within a bound, until {@link release}: octets behind
   * CONNECT are nobody's before the verdict. An end is told all the same.
   */
  hold(): void;
  release(): void;

  /**
   * Send what is queued and FIN, read and drop what comes until the peer's
   * FIN, then close. Tells nothing more than `onReleased`.
   *
   * @param milliseconds until it ends as {@link reset} does.
   * @param total whether they count from now, or from the last progress.
   * @param brief behind an abort: at most 64 KiB are dropped, so that the peer
   *  does not believe that what is thrown away has arrived.
   */
  linger(milliseconds: number, total: boolean, brief?: boolean): void;
  /**
   * End at once, so that the peer sees a reset where the medium has one;
   * nothing but `onReleased` follows.
   *
   * @param fate what the sends that are under way are told.
   */
  reset(fate?: Status): void;
  /** Tell nothing from here on, whatever is still to happen. */
  detach(): void;

  ref(): void;
  unref(): void;
  setNoDelay(on: boolean): void;
  setKeepAlive(on: boolean, delay?: number, probes?: KeepAliveProbes): void;
  /** @returns whether it was: not every medium has it. */
  setTypeOfService(value: number): boolean;
  readonly typeOfService: number | undefined;
  /** @returns whether it was: not every medium has it. */
  setTcpOption(option: TcpOption, value: number): boolean;
  /** `undefined`: the medium has no such thing. */
  tcpOption(option: TcpOption): number | undefined;
  /** Sends no faster, and with no other priority, as far as that can be. */
  shape(flow: Flowspec): void;

  readonly localAddress: Address | undefined;
  /** Of a connection that came in it is told even after its end. */
  readonly remoteAddress: Address | undefined;
  readonly stream: Duplex | undefined;
}

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
  /** All that was sent has been handed to the system. */
  onDrain(): void;
  /** Nothing is left of the connection. The last call. */
  onReleased(): void;
}

/** How a transport decodes what comes. */
export interface TransportOptions {
  from: Role;
  controlLimit: number;
  messageLimit: number | undefined;
  allowPlain: boolean;
  /** None is taken for plain that begins with a header of the PROXY protocol. */
  refusesProxyHeaders?: boolean | undefined;
  /** Milliseconds without an octet; absent: none are taken for plain by that. */
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
