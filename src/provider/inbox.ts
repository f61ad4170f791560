import {
  WSAEDISCON,
  WSAEFAULT,
  WSAESHUTDOWN,
  WSAEWOULDBLOCK,
  type Status,
} from '../vocabulary/error-codes.js';
import type { ProviderInbox } from './provider.js';
import { ReceiveQueue } from './receive-queue.js';

/** The owner and the sender of an inbox's data. */
export interface InboxHost {
  /** The present error of a receiving call; 0: it may receive. */
  readonly receiveStatus: Status;
  /** Data can be received again. */
  onReadable(): void;
  /** The close indication, after all data. */
  onClosed(status: Status): void;
  pauseTransport(): void;
  resumeTransport(): void;
}

/**
 * Received and not yet read: data, then one close indication with the peer's
 * last word (contract rows 7 to 9).
 */
export class Inbox implements ProviderInbox {
  readonly #host: InboxHost;
  readonly #messages: boolean;
  readonly #capacity: number;
  /** Its own from the first piece on. */
  #queue = NOTHING_YET;

  #paused = false;
  #shut = false;
  /** Data was reported, and the queue has not been emptied since. */
  #readIndicated = false;

  #closeHeard = false;
  #closeIndicated = false;
  #closeStatus: Status = 0;
  #lastWord: Uint8Array | undefined | Status;

  /**
   * @param messages whether messages are delivered, not a stream.
   * @param capacity octets held before the transport is paused.
   */
  constructor(host: InboxHost, messages: boolean, capacity: number) {
    this.#host = host;
    this.#messages = messages;
    this.#capacity = capacity;
  }

  get receivable(): number {
    return this.#queue.octets;
  }

  get readable(): boolean {
    return !this.#queue.isEmpty;
  }

  get messagePartial(): boolean {
    return this.#queue.partial;
  }

  get disconnectDataLength(): number {
    return typeof this.#lastWord === 'object' ? this.#lastWord.length : 0;
  }

  deliver(data: Uint8Array): void {
    if (this.#shut) return;
    if (this.#queue === NOTHING_YET) {
      this.#queue = new ReceiveQueue(this.#messages);
    }
    this.#queue.push(data);
    if (!this.#readIndicated) {
      this.#readIndicated = true;
      this.#host.onReadable();
    }
    // A reader that has taken everything by now need not be held up.
    if (!this.#paused && this.#queue.weight >= this.#capacity) {
      this.#paused = true;
      this.#host.pauseTransport();
    }
  }

  /**
   * @param status 0 for a graceful close.
   * @param lastWord a number: the error of receiving it.
   */
  hearClose(status: Status, lastWord?: Uint8Array | Status): void {
    if (this.#closeHeard) return;
    this.#closeHeard = true;
    this.#closeStatus = status;
    this.#lastWord = lastWord;
    if (this.#queue.isEmpty) this.#indicateClose();
  }

  receive(most = Number.POSITIVE_INFINITY): Uint8Array | Status {
    const { receiveStatus } = this.#host;
    if (receiveStatus !== 0) return receiveStatus;
    if (this.#queue.isEmpty) return this.#atEnd();
    const piece = this.#queue.take(most);
    if (this.#paused && 2 * this.#queue.weight <= this.#capacity) {
      this.#paused = false;
      this.#host.resumeTransport();
    }
    if (this.#queue.isEmpty) {
      this.#readIndicated = false;
      if (this.#closeHeard) this.#indicateCloseSoon();
    }
    return piece;
  }

  peek(most: number): Uint8Array | Status {
    const { receiveStatus } = this.#host;
    if (receiveStatus !== 0) return receiveStatus;
    return this.#queue.isEmpty ? this.#atEnd() : this.#queue.peek(most);
  }

  #atEnd(): Status {
    if (this.#shut) return WSAESHUTDOWN;
    if (!this.#closeHeard) return WSAEWOULDBLOCK;
    if (this.#closeStatus !== 0) return this.#closeStatus;
    return this.#messages ? WSAEDISCON : 0;
  }

  receiveDisconnect(capacity: number): Uint8Array | undefined | Status {
    const { receiveStatus } = this.#host;
    if (receiveStatus !== 0) return receiveStatus;
    if (!this.#closeHeard || !this.#queue.isEmpty) return WSAEWOULDBLOCK;
    if (this.disconnectDataLength > capacity) return WSAEFAULT;
    return this.#lastWord;
  }

  shutdownReceive(): Status {
    const { receiveStatus } = this.#host;
    if (receiveStatus !== 0) return receiveStatus;
    this.#shut = true;
    this.#queue.clear();
    this.#host.resumeTransport();
    if (this.#closeHeard) this.#indicateCloseSoon();
    return 0;
  }

  /** The connection is closed: nobody reads, and nothing is reported. */
  discard(): void {
    this.#closeIndicated = true;
    this.#queue.clear();
  }

  /** After the octets that the application is receiving now. */
  #indicateCloseSoon(): void {
    process.nextTick(() => {
      this.#indicateClose();
    });
  }

  #indicateClose(): void {
    if (this.#closeIndicated) return;
    this.#closeIndicated = true;
    this.#host.onClosed(this.#closeStatus);
  }
}

/**
 * Shared empty queue for connections that have received nothing; never
 * modified.
 */
const NOTHING_YET = new ReceiveQueue(false);
