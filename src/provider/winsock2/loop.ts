import { loadNative } from '../../native.js';
import {
  NETWORK_EVENTS_LENGTH,
  type NativeWinsock,
} from '../../native-winsock.js';
import { winsockErrorName } from '../../vocabulary/error-codes.js';

/** Most sockets reported in one call. */
const EVENTS_CAPACITY = 1024;
/** Octets of one receive from a stream. */
const ROOM = 64 * 1024;

/** Receives a socket's network events. */
export interface NetworkEventTarget {
  /** @param errors by FD_*_BIT. */
  onNetworkEvents(events: number, errors: Int32Array): void;
}

/** Winsock in this environment, as its sockets see it. */
export class WinsockLoop {
  readonly native: NativeWinsock;
  /** MSG_* of the last receive. */
  readonly flags = new Uint32Array(1);

  readonly #events = new Int32Array(EVENTS_CAPACITY * NETWORK_EVENTS_LENGTH);
  readonly #targets = new Map<number, NetworkEventTarget>();
  /** Sockets that keep the process alive. */
  #held = 0;
  #room = Buffer.allocUnsafeSlow(ROOM);

  constructor(native: NativeWinsock) {
    this.native = native;
    native.start(new Uint8Array(this.#events.buffer), (count) => {
      this.#dispatch(count);
    });
  }

  register(id: number, target: NetworkEventTarget): void {
    this.#targets.set(id, target);
  }

  /** `id` reports nothing more. */
  forget(id: number): void {
    this.#targets.delete(id);
  }

  hold(): void {
    if (this.#held++ === 0) this.native.ref();
  }

  letGo(): void {
    if (--this.#held === 0) this.native.unref();
  }

  /** Receive buffer; reused for the next receive. */
  room(least: number): Buffer {
    if (this.#room.length < least) {
      this.#room = Buffer.allocUnsafeSlow(least);
    }
    return this.#room;
  }

  #dispatch(count: number): void {
    for (let index = 0; index < count; index++) {
      const at = index * NETWORK_EVENTS_LENGTH;
      const target = this.#targets.get(this.#events[at]!);
      try {
        target?.onNetworkEvents(
          this.#events[at + 1]!,
          this.#events.subarray(at + 2, at + NETWORK_EVENTS_LENGTH),
        );
      } catch (error) {
        // A listener that throws must not cost other sockets their events.
        process.nextTick(rethrow, error);
      }
    }
  }
}

function rethrow(error: unknown): void {
  throw error;
}

let loop: WinsockLoop | undefined;

/**
 * Winsock of this environment.
 *
 * @throws {Error} it is not available, with the reason.
 */
export function theWinsockLoop(): WinsockLoop {
  if (loop) return loop;
  const loaded = loadNative();
  if (!loaded.native) {
    throw new Error(`Winsock2 needs the addon: ${loaded.reason}`);
  }
  const native = loaded.native.openWinsock?.();
  if (native === undefined) {
    throw new Error(
      `Winsock2 is not available on ${process.platform}, only on Windows`,
    );
  }
  if (typeof native === 'number') {
    throw new Error(`WSAStartup failed: ${winsockErrorName(native) ?? native}`);
  }
  loop = new WinsockLoop(native);
  return loop;
}

/** Winsock2 is available: the addon is loaded, on Windows. */
export function hasWinsock(): boolean {
  return loadNative().native?.openWinsock !== undefined;
}
