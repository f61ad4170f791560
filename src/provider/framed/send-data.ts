import { types } from 'node:util';
import { WSAEMSGSIZE, type Status } from '../../vocabulary/error-codes.js';
import type { FrameTransport } from './transport.js';
import { MAX_FRAME_PAYLOAD } from './wire.js';

/** How data leaves a connection. */
export type Form = 'stream' | 'messages' | 'plain';

/**
 * Sends data as one message, or in as few frames as can be.
 *
 * @param messageLimit octets of a message that the peer takes.
 * @returns 0, or WSAEMSGSIZE.
 */
export function sendData(
  transport: FrameTransport,
  form: Form,
  data: Uint8Array | readonly Uint8Array[],
  messageLimit: number,
  onsent: (() => void) | undefined,
): Status {
  const pieces = types.isUint8Array(data) ? [data] : data;
  let length = 0;
  for (const piece of pieces) length += piece.length;

  if (form === 'messages') {
    if (length > messageLimit) return WSAEMSGSIZE;
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
