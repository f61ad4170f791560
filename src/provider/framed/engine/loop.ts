import { endianness } from 'node:os';
import { loadNative, type Native, type SocketOption } from '../../../native.js';
import type { Address, PeerIdentity } from '../../provider.js';
import {
  EVENT_LENGTH,
  EventKind,
  kindOf,
  slabOf,
  takesSlab,
  type EventTarget,
} from './events.js';
import { Slabs } from './slabs.js';

/** Most events in one read of the shared memory. */
const EVENT_CAPACITY = 1024;
/** Longest payload that is copied after its header. */
export const OUTGOING_LENGTH = 16 * 1024;
/** 32-bit numbers: family, port, scope, address. */
const RECORD_LENGTH = 7;

/** Stands for a user or group that the system does not report. */
const NOBODY = 0xffff_ffff;

/** Holds data back to write it together with later data. */
export interface Flushed {
  flush(): void;
}

/**
 * The engine of this environment, as its connections and listeners see it: the
 * addon's functions, and the receivers of its events.
 */
export class EngineLoop {
  readonly native: Native;
  /** Octets to be written, before `native.write`. */
  readonly outgoing = Buffer.alloc(OUTGOING_LENGTH);

  readonly #record = new Uint32Array(RECORD_LENGTH);
  readonly #events: Int32Array;
  /** The position of the present event. */
  #at = 0;
  readonly #targets: (EventTarget | undefined)[] = [];
  readonly #slabs: Slabs;
  #draining = false;
  readonly #unflushed: Flushed[] = [];

  constructor(native: Native) {
    this.native = native;
    this.#events = new Int32Array(EVENT_CAPACITY * EVENT_LENGTH);
    native.start(
      new Uint8Array(this.#events.buffer),
      this.outgoing,
      new Uint8Array(this.#record.buffer),
      (count) => {
        this.#drain(count);
      },
    );
    this.#slabs = new Slabs(native);
  }

  /** `target` receives the events of `id` until it is released. */
  register(id: number, target: EventTarget): void {
    this.#targets[id] = target;
  }

  /** `id` reports nothing more to its receiver. */
  forget(id: number): void {
    this.#targets[id] = undefined;
  }

  /** The octets read, as a copy to keep. */
  take(what: number, offset: number, length: number): Buffer {
    return this.#slabs.take(slabOf(what), offset, length, takesSlab(what));
  }

  /** The octets read, valid until the call that reported them returns. */
  view(what: number, offset: number, length: number): Buffer {
    return this.#slabs.view(slabOf(what), offset, length);
  }

  #drain(count: number): void {
    this.#draining = true;
    for (let events = count; events > 0; events = this.native.next()) {
      this.#dispatch(events);
    }
    this.#draining = false;
    this.#slabs.renew();
    if (this.#unflushed.length > 0) this.#flush();
  }

  #flush(): void {
    for (const transport of this.#unflushed) transport.flush();
    this.#unflushed.length = 0;
  }

  /** Writes at the end of this turn, so that more can join the write. */
  flushSoon(transport: Flushed): void {
    if (this.#draining) this.#unflushed.push(transport);
    else process.nextTick(flush, transport);
  }

  #dispatch(count: number): void {
    const events = this.#events;
    for (let at = 0; at < count * EVENT_LENGTH; at += EVENT_LENGTH) {
      const id = events[at]!;
      const what = events[at + 1]!;
      const a = events[at + 2]!;
      const b = events[at + 3]!;
      const target = this.#targets[id];
      this.#at = at;
      const kind = kindOf(what);
      if (kind === EventKind.accepted) at += EVENT_LENGTH;
      else if (kind === EventKind.released) this.#targets[id] = undefined;
      try {
        target?.onEvent(what, a, b);
      } catch (error) {
        // A listener that throws must not cost other connections their events.
        process.nextTick(rethrow, error);
      }
    }
  }

  // -- names ----------------------------------------------------------------

  /** The address of the connection that the listener is being given. */
  get acceptedName(): PeerName | undefined {
    const events = this.#events;
    const at = this.#at;
    const port = events[at + 3]! & 0xffff;
    const first = events[at + EVENT_LENGTH]!;
    switch (events[at + 3]! >>> 16) {
      case 4:
        return new IPv4Name(port, first);
      case 6:
        return new IPv6Name(port, events[at + 1]! >>> 8, [
          first,
          events[at + EVENT_LENGTH + 1]!,
          events[at + EVENT_LENGTH + 2]!,
          events[at + EVENT_LENGTH + 3]!,
        ]);
      default:
        return undefined;
    }
  }

  addressOf(name: PeerName): Address | undefined {
    const { port } = name;
    if (name instanceof IPv4Name) {
      return { family: 'IPv4', address: textOfIPv4(name.octets), port };
    }
    this.#record.set([6, port, name.scope, ...name.octets]);
    return this.#recordedAddress();
  }

  localAddress(id: number): Address | undefined {
    this.native.localName(id);
    return this.#recordedAddress();
  }

  peerAddress(id: number): Address | undefined {
    this.native.peerName(id);
    return this.#recordedAddress();
  }

  #recordedAddress(): Address | undefined {
    const [family, port] = this.#record;
    if (family === 0) return undefined;
    return family === 4
      ? { family: 'IPv4', address: textOfIPv4(this.#record[3]!), port: port! }
      : { family: 'IPv6', address: this.native.addressText(), port: port! };
  }

  option(id: number, option: SocketOption): number | undefined {
    return this.native.getOption(id, option) === 0
      ? this.#record[0]
      : undefined;
  }

  /** The peer of a Unix socket or named pipe, as the system knows it. */
  peerIdentity(id: number): PeerIdentity | undefined {
    if (this.native.peerIdentity(id) !== 0) return undefined;
    const [processId, userId, groupId] = this.#record;
    return {
      processId: processId || undefined,
      userId: userId === NOBODY ? undefined : userId,
      groupId: groupId === NOBODY ? undefined : groupId,
    };
  }
}

/** @param octets as they lie in memory. */
function textOfIPv4(octets: number): string {
  const first = octets & 0xff;
  const second = (octets >>> 8) & 0xff;
  const third = (octets >>> 16) & 0xff;
  const fourth = octets >>> 24;
  return isLittleEndian
    ? `${first}.${second}.${third}.${fourth}`
    : `${fourth}.${third}.${second}.${first}`;
}

const isLittleEndian = endianness() === 'LE';

/** A numeric address as numbers: its text is made on demand. */
export type PeerName = IPv4Name | IPv6Name;

class IPv4Name {
  readonly port: number;
  readonly octets: number;

  constructor(port: number, octets: number) {
    this.port = port;
    this.octets = octets;
  }
}

class IPv6Name {
  readonly port: number;
  /** The interface, or 0. */
  readonly scope: number;
  /** Four of them at a time. */
  readonly octets: readonly number[];

  constructor(port: number, scope: number, octets: readonly number[]) {
    this.port = port;
    this.scope = scope;
    this.octets = octets;
  }
}

function flush(transport: Flushed): void {
  transport.flush();
}

function rethrow(error: unknown): void {
  throw error;
}

let engineLoop: EngineLoop | undefined;

/** The engine of this environment; `undefined` where the addon is missing. */
export function theEngineLoop(): EngineLoop | undefined {
  const { native } = loadNative();
  if (native) engineLoop ??= new EngineLoop(native);
  return engineLoop;
}
