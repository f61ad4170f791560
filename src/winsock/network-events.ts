import {
  FD_ALL_EVENTS,
  FD_CLOSE,
  FD_CLOSE_BIT,
  FD_CONNECT,
  FD_CONNECT_BIT,
  FD_MAX_EVENTS,
} from '../vocabulary/constants.js';
import type { Status } from '../vocabulary/error-codes.js';
import type { EventObject } from './event-objects.js';

/**
 * Filled by WSAEnumNetworkEvents.
 *
 * @see "WSANETWORKEVENTS structure (winsock2.h)"
 */
export interface WSANETWORKEVENTS {
  /** FD_* bits of the events since the last call. */
  networkEvents: number;
  /** By FD_*_BIT, for the bits that are set: 0, or a `WSAE*` number. */
  errorCode: number[];
}

/** These are reported once in the life of a connect or connection. */
const ONCE = FD_CONNECT | FD_CLOSE;

/**
 * A socket's record of network events, and its rules: an event is recorded if
 * the mask selects it, and not again before its re-enabling function is called
 * ("WSAEventSelect function (winsock2.h)").
 */
export class NetworkEvents {
  event: EventObject | undefined;
  mask = 0;
  #record = 0;
  #enabled = FD_ALL_EVENTS;
  /** Events of {@link ONCE} that have occurred and were not enumerated. */
  #untold = 0;
  #connectStatus: Status = 0;
  #closeStatus: Status = 0;

  /** From the network. */
  indicate(bits: number): void {
    if (this.#admit(bits)) this.event?.signal();
  }

  indicateConnect(status: Status, alongWith: number): void {
    this.#connectStatus = status;
    this.#untold |= FD_CONNECT;
    this.indicate(FD_CONNECT | alongWith);
  }

  indicateClose(status: Status): void {
    this.#closeStatus = status;
    this.#untold |= FD_CLOSE;
    this.indicate(FD_CLOSE);
  }

  /** The re-enabling function of an event was called. */
  enable(bit: number): void {
    this.#enabled |= bit;
  }

  /** An event whose condition an application's call found to hold. */
  find(bits: number): void {
    if (this.#admit(bits)) this.event?.signalSoon();
  }

  #admit(bits: number): boolean {
    const admitted = bits & this.mask & this.#enabled;
    if (admitted === 0) return false;
    this.#record |= admitted;
    this.#enabled &= ~admitted;
    return true;
  }

  /** @param present bits of the conditions that hold now. */
  select(event: EventObject | undefined, mask: number, present: number): void {
    this.event = event;
    this.mask = mask;
    this.#record = 0;
    this.#enabled = FD_ALL_EVENTS;
    this.find(present | this.#untold);
  }

  /** A connect begins: the previous one's outcome is dropped. */
  renewConnect(): void {
    this.#untold &= ~FD_CONNECT;
    this.#record &= ~FD_CONNECT;
    this.#enabled |= FD_CONNECT;
  }

  /** Hands the record over and clears it. */
  take(out: WSANETWORKEVENTS): void {
    const record = this.#record;
    this.#record = 0;
    this.#untold &= ~(record & ONCE);
    out.networkEvents = record;
    const { errorCode } = out;
    for (let bit = 0; bit < FD_MAX_EVENTS; bit++) {
      if (record & (1 << bit)) errorCode[bit] = 0;
    }
    if (record & FD_CONNECT) errorCode[FD_CONNECT_BIT] = this.#connectStatus;
    if (record & FD_CLOSE) errorCode[FD_CLOSE_BIT] = this.#closeStatus;
  }

  clear(): void {
    this.event = undefined;
    this.mask = 0;
    this.#record = 0;
    this.#untold = 0;
  }
}
