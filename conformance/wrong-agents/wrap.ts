import { WSASetLastError } from '../../src/winsock/index.js';
import { libraryCalls, type Calls } from '../agent/calls.js';

/** The library's calls, with some of them replaced. */
export function replacing(replaced: Partial<Calls>): { calls: Calls } {
  return { calls: { ...libraryCalls, ...replaced } };
}

/** Sets the last error; returns a failing call's result. */
export function failing(status: number): -1 {
  WSASetLastError(status);
  return -1;
}

type Socket = Parameters<Calls['WSAEventSelect']>[0];
type Event = NonNullable<Parameters<Calls['WSAEventSelect']>[1]>;
type Recorded = Parameters<Calls['WSAEnumNetworkEvents']>[2];

/** A network event that never was. */
interface Untrue {
  bit: number;
  status: number;
}

/**
 * Calls that can invent network events, and change them on their way to the
 * application.
 */
export class EventForger {
  readonly calls: Calls;
  readonly #signals = new Map<Event, () => void>();
  readonly #eventOf = new Map<Socket, Event>();
  readonly #untrue = new Map<Socket, Untrue[]>();

  /** @param change receives a socket's reports, and may change them. */
  constructor(change: (socket: Socket, recorded: Recorded) => void = () => {}) {
    this.calls = {
      ...libraryCalls,
      WSACreateEvent: (onsignal) => {
        const event = libraryCalls.WSACreateEvent(onsignal);
        if (onsignal) this.#signals.set(event, onsignal);
        return event;
      },
      WSAEventSelect: (s, event, mask) => {
        if (event) this.#eventOf.set(s, event);
        return libraryCalls.WSAEventSelect(s, event, mask);
      },
      WSAEnumNetworkEvents: (s, event, recorded) => {
        const untrue = this.#untrue.get(s);
        this.#untrue.delete(s);
        const code = libraryCalls.WSAEnumNetworkEvents(s, event, recorded);
        if (code === 0) change(s, recorded);
        for (const { bit, status } of untrue ?? []) {
          recorded.networkEvents |= 1 << bit;
          recorded.errorCode[bit] = status;
        }
        return untrue ? 0 : code;
      },
    };
  }

  /** Reports an event to the application after the present call. */
  forge(socket: Socket, bit: number, status = 0): void {
    this.#untrue.set(socket, [
      ...(this.#untrue.get(socket) ?? []),
      { bit, status },
    ]);
    const event = this.#eventOf.get(socket);
    const signal = event && this.#signals.get(event);
    if (signal) setImmediate(signal);
  }
}
