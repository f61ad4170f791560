import { types } from 'node:util';
import {
  WSAEMSGSIZE,
  WSAEWOULDBLOCK,
  type Status,
} from '../../vocabulary/error-codes.js';
import type { FrameTransport } from './transport.js';
import { MAX_FRAME_PAYLOAD } from './wire.js';

/** How data leaves a connection. */
export type Form = 'stream' | 'messages' | 'plain';

/** Sends data, and remembers who was told to wait. */
export class Outbox {
  readonly #capacity: number;
  /** A send was refused with WSAEWOULDBLOCK. */
  #refused = false;

  /** @param capacity octets that may wait to be handed to the system. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** @param messageLimit octets of a message that the peer takes. */
  send(
    transport: FrameTransport,
    form: Form,
    data: Uint8Array | readonly Uint8Array[],
    messageLimit: number,
    onsent: (() => void) | undefined,
  ): Status {
    // A medium may take more than that before it has anything to drain.
    if (transport.unsent >= this.#capacity && transport.willDrain) {
      this.#refused = true;
      return WSAEWOULDBLOCK;
    }
    const pieces = types.isUint8Array(data) ? [data] : data;
    let length = 0;
    for (const piece of pieces) length += piece.length;

    if (form === 'messages') {
      if (length > Math.min(messageLimit, MAX_FRAME_PAYLOAD)) {
        return WSAEMSGSIZE;
      }
      transport.sendData(pieces, length, onsent);
    } else if (length === 0) {
      if (onsent) process.nextTick(onsent);
    } else if (form === 'plain') {
      transport.sendPlain(joined(pieces), onsent);
    } else if (length <= MAX_FRAME_PAYLOAD) {
      transport.sendData(pieces, length, onsent);
    } else {
      sendInFrames(transport, joined(pieces), onsent);
    }
    return 0;
  }

  /** Everything has left: whether somebody waits to hear of it. */
  drained(): boolean {
    const refused = this.#refused;
    this.#refused = false;
    return refused;
  }
}

function sendInFrames(
  transport: FrameTransport,
  octets: Uint8Array,
  onsent: (() => void) | undefined,
): void {
  for (let at = 0; at < octets.length; at += MAX_FRAME_PAYLOAD) {
    const piece = octets.subarray(at, at + MAX_FRAME_PAYLOAD);
    const isLast = at + piece.length === octets.length;
    transport.sendData([piece], piece.length, isLast ? onsent : undefined);
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}
