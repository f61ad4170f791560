import { types } from 'node:util';
import { errorOfFailure } from '../errors.js';
import { COPIED_AT_SEND, type Done } from '../provider/provider.js';
import {
  WSA_IO_PENDING,
  WSAEMSGSIZE,
  WSAEWOULDBLOCK,
  type Status,
} from '../vocabulary/error-codes.js';
import type { Connection } from './connection.js';
import type { IdleTimer } from './idle-timer.js';
import { inGroups } from './message-groups.js';
import { currentTick, sendSoon, type Delayed } from './one-tick.js';
import type { Written } from './written.js';

/** A list is the pieces of one write; with messages, several of them. */
type Data = Uint8Array | readonly Uint8Array[];

const NONE: Data[] = [];

/**
 * Passes the stream's writes to the provider, one at a time. A write is done
 * when the system has its octets.
 *
 * The first write of a tick goes out at once. The second waits for the end of
 * the tick: meanwhile the stream keeps those behind it, and passes them on
 * together.
 */
export class Sender implements Delayed {
  readonly #connection: Connection;
  readonly #idle: IdleTimer;
  readonly #messages: boolean;

  /** A write, or a part of one, that waits for the connection, or for room. */
  #held: Data | undefined;
  /** The messages of the write under way that follow, in reverse. */
  #behind: Data[] = NONE;
  /** The stream's callback for the write under way. */
  #written: Written | undefined;
  /** Its octets. */
  #writing = 0;
  #confirmed = 0;
  #done: Done | undefined;
  /** The tick of the last write that went out at once. */
  #tick = -1;
  /** The held write waits only for the end of the tick. */
  #isDelayed = false;
  /** The tick has ended: what the stream has kept is sent at once. */
  #isCatchingUp = false;
  /** A write has failed: there is a hole in what was sent. */
  #isBroken = false;
  /** Messages that exceeded the peer's limit, and the errors. */
  #refusals: { message: Uint8Array; error: Error }[] | undefined;

  constructor(connection: Connection, idle: IdleTimer, messages: boolean) {
    this.#connection = connection;
    this.#idle = idle;
    this.#messages = messages;
  }

  /** Octets of the writes that are done. */
  get confirmed(): number {
    return this.#confirmed;
  }

  get isWriting(): boolean {
    return this.#written !== undefined;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  send(data: Data, length: number, written: Written): void {
    this.#begin(length, written);
    if (this.#connection.isOpen && this.#delays(length)) {
      this.#held = copyOf(data);
      this.#isDelayed = true;
    } else {
      this.#handOrHold(data);
    }
  }

  #begin(length: number, written: Written): void {
    this.#written = written;
    this.#writing = length;
    this.#connection.wake();
  }

  #handOrHold(data: Data): void {
    if (this.#connection.isOpen) this.#hand(data);
    else this.#held = data;
  }

  #delays(length: number): boolean {
    if (this.#isCatchingUp) {
      // Later writes are new ones, from a listener of 'drain' perhaps.
      this.#isCatchingUp = false;
      return false;
    }
    if (length > COPIED_AT_SEND) return false;
    const tick = currentTick();
    if (tick === this.#tick) return sendSoon(this);
    this.#tick = tick;
    return false;
  }

  sendDelayed(): void {
    if (!this.#isDelayed) return;
    this.#isCatchingUp = true;
    try {
      this.sendHeld();
    } finally {
      this.#isCatchingUp = false;
    }
  }

  sendAll(chunks: readonly { chunk: Buffer }[], written: Written): void {
    let length = 0;
    const pieces = chunks.map(({ chunk }) => {
      length += chunk.length;
      return chunk;
    });
    if (!this.#messages) {
      this.send(pieces, length, written);
      return;
    }
    const { provider } = this.#connection;
    const longest = provider.sendMessages
      ? Math.min(COPIED_AT_SEND, provider.messageLimit)
      : -1;
    this.#behind = inGroups(pieces, longest).toReversed();
    this.#isCatchingUp = false;
    this.#begin(length, written);
    this.#handOrHold(this.#behind.pop()!);
  }

  /** The connection is open, or has room again. */
  sendHeld(): void {
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    this.#isDelayed = false;
    this.#hand(held);
  }

  #hand(first: Data): void {
    this.#idle.touch();
    let data: Data | undefined = first;
    while (data) {
      if (!this.#give(data)) return;
      data = this.#behind.pop();
    }
    this.#finish();
  }

  /** @returns whether the system has it already. */
  #give(data: Data): boolean {
    if (this.#writing === 0 && !this.#messages) return true;
    // One function for all writes: none is made for each.
    this.#done ??= (status) => {
      this.#onDone(status);
    };
    const { provider } = this.#connection;
    const isGroup = this.#messages && !types.isUint8Array(data);
    const status = isGroup
      ? provider.sendMessages!(data, this.#done)
      : provider.send(data, this.#done);
    switch (status) {
      case 0:
        return true;
      case WSA_IO_PENDING:
        return false;
      case WSAEWOULDBLOCK:
        this.#held = data;
        return false;
      case WSAEMSGSIZE:
        if (this.#messages) {
          this.#refuse(data as Uint8Array);
          return true;
        }
    }
    // As with net, not before write() has returned.
    process.nextTick(this.#done, status);
    return false;
  }

  #onDone(status: Status): void {
    if (status === 0) {
      const next = this.#behind.pop();
      if (next) this.#hand(next);
      else this.#finish();
      return;
    }
    this.#isBroken = true;
    const { failure } = this.#connection.provider;
    const error = errorOfFailure({ ...failure, status }, 'write');
    this.#connection.failWriting(error);
  }

  #finish(): void {
    const written = this.#written;
    if (!written) return;
    this.#written = undefined;
    this.#idle.touch();
    this.#confirmed += this.#writing;
    written();
    if (!this.#written) this.#connection.rest();
  }

  // -- messages that are too long -------------------------------------------

  /** A local error, which harms no connection (wire format §12). */
  #refuse(message: Uint8Array): void {
    this.#refusals ??= [];
    this.#refusals.push({ message, error: this.tooLong(message.length) });
    this.#writing -= message.length;
  }

  tooLong(length: number): Error {
    const most = this.#connection.provider.messageLimit;
    return errorOfFailure(
      {
        status: WSAEMSGSIZE,
        detail: `the message has ${length} octets, the peer takes ${most}`,
      },
      'write',
    );
  }

  /** The error of a message that the stream counts as written. */
  takeRefusal(message: Uint8Array): Error | undefined {
    const at = this.#refusals?.findIndex((one) => one.message === message);
    if (at === undefined || at < 0) return undefined;
    return this.#refusals!.splice(at, 1)[0]!.error;
  }

  // -- the end --------------------------------------------------------------

  /** Written data that the provider has not taken, to be sent last. */
  sendRest(behind: readonly { chunk: Buffer }[]): Status {
    const held = this.#held ?? [];
    const kept = behind.map(({ chunk }) => chunk);
    const pieces = [held, ...this.#behind.toReversed(), kept].flat();
    const { provider } = this.#connection;
    if (!this.#messages) return provider.send(pieces, undefined, true);
    for (const message of pieces) {
      const status = provider.send(message, undefined, true);
      if (status !== 0) return status;
    }
    return 0;
  }

  /** The writes of this tick are here only because it has not ended. */
  get isDelayed(): boolean {
    return this.#isDelayed;
  }

  /** A write that the provider has not taken. */
  get isHolding(): boolean {
    return this.#held !== undefined || this.#behind.length > 0;
  }

  /** The socket is destroyed. @returns the callback of a write under way. */
  forget(): Written | undefined {
    const written = this.#written;
    this.#held = undefined;
    this.#behind = NONE;
    this.#isDelayed = false;
    this.#written = undefined;
    return written;
  }
}

/** Copied data that was sent at once belongs to its owner again. */
function copyOf(data: Data): Uint8Array {
  return types.isUint8Array(data) ? Buffer.from(data) : Buffer.concat(data);
}
