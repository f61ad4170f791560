import {
  FRAME_HEADER_LENGTH,
  MAGIC,
  MAX_FRAME_PAYLOAD,
  PREFACE_LENGTH,
  type Role,
} from './wire.js';

/** §3: a preface. */
export function encodePreface(
  role: Role,
  minVersion: number,
  maxVersion: number,
): Uint8Array {
  const preface = Buffer.allocUnsafe(PREFACE_LENGTH);
  preface.set(MAGIC);
  preface[5] = role;
  preface[6] = minVersion;
  preface[7] = maxVersion;
  return preface;
}

/** §4: a frame header. The payload follows it as it is. */
export function encodeFrameHeader(type: number, length: number): Uint8Array {
  if (length > MAX_FRAME_PAYLOAD) {
    throw new RangeError(
      `a frame's payload has at most ${MAX_FRAME_PAYLOAD} octets, not ${length}`,
    );
  }
  const header = Buffer.allocUnsafe(FRAME_HEADER_LENGTH);
  header[0] = type;
  header[1] = length >>> 16;
  header[2] = length >>> 8;
  header[3] = length;
  return header;
}
