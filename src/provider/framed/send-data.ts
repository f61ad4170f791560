import { types } from 'node:util';
import {
  WSA_IO_PENDING,
  WSAEMSGSIZE,
  type Status,
} from '../../vocabulary/error-codes.js';
import type { Done } from '../provider.js';
import { copyOctets } from './copy-octets.js';
import { writeFrameHeader } from './encoder.js';
import type { FrameTransport } from './transport.js';
import { FRAME_HEADER_LENGTH, FrameType, MAX_FRAME_PAYLOAD } from './wire.js';

/** The way by which data leaves a connection. */
type Form = 'stream' | 'messages' | 'plain';

/**
 * Sends data as one message, or in as few frames as can be.
 *
 * @param messageLimit octets of a message that the peer accepts.
 * @returns as ProviderConnection.send does.
 */
export function sendData(
  transport: FrameTransport,
  form: Form,
  data: Uint8Array | readonly Uint8Array[],
  messageLimit: number,
  done: Done | undefined,
): Status {
  const pieces = types.isUint8Array(data) ? [data] : data;
  let length = 0;
  for (const piece of pieces) length += piece.length;

  if (form === 'messages') {
    if (length > messageLimit) return WSAEMSGSIZE;
  } else if (length === 0) {
    return 0;
  }
  const isSent =
    form === 'plain'
      ? transport.sendPlain(joined(pieces), done)
      : length <= MAX_FRAME_PAYLOAD
        ? transport.sendData(pieces, length, done)
        : sendInFrames(transport, joined(pieces), done);
  return isSent || !done ? 0 : WSA_IO_PENDING;
}

/** Sends short messages, a frame each, in one write. */
export function sendMessages(
  transport: FrameTransport,
  messages: readonly Uint8Array[],
  done: Done,
): Status {
  let length = 0;
  for (const message of messages) {
    length += FRAME_HEADER_LENGTH + message.length;
  }
  const frames = Buffer.allocUnsafe(length);
  let at = 0;
  for (const message of messages) {
    at = writeFrameHeader(frames, at, FrameType.DATA, message.length);
    copyOctets(message, 0, message.length, frames, at);
    at += message.length;
  }
  return transport.sendPlain(frames, done) ? 0 : WSA_IO_PENDING;
}

function sendInFrames(
  transport: FrameTransport,
  octets: Uint8Array,
  done: Done | undefined,
): boolean {
  const behind =
    octets.length - (octets.length % MAX_FRAME_PAYLOAD || MAX_FRAME_PAYLOAD);
  for (let at = 0; at < behind; at += MAX_FRAME_PAYLOAD) {
    const piece = octets.subarray(at, at + MAX_FRAME_PAYLOAD);
    transport.sendData([piece], piece.length);
  }
  const last = octets.subarray(behind);
  return transport.sendData([last], last.length, done);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}
