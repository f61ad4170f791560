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

/** The same objects are reused: there are few versions. Copy before a write. */
export function prefaceOf(
  role: Role,
  minVersion: number,
  maxVersion: number,
): Uint8Array {
  const key = (role << 16) | (minVersion << 8) | maxVersion;
  let preface = prefaces.get(key);
  if (!preface) {
    preface = encodePreface(role, minVersion, maxVersion);
    prefaces.set(key, preface);
  }
  return preface;
}

const prefaces = new Map<number, Uint8Array>();

/** §4: a frame header. The payload follows unchanged. */
export function encodeFrameHeader(type: number, length: number): Uint8Array {
  const header = Buffer.allocUnsafe(FRAME_HEADER_LENGTH);
  writeFrameHeader(header, 0, type, length);
  return header;
}

/** Writes a frame header at `at`; returns the start of its payload. */
export function writeFrameHeader(
  into: Uint8Array,
  at: number,
  type: number,
  length: number,
): number {
  if (length > MAX_FRAME_PAYLOAD) {
    throw new RangeError(
      `a frame's payload has at most ${MAX_FRAME_PAYLOAD} octets, not ${length}`,
    );
  }
  into[at] = type;
  into[at + 1] = length >>> 16;
  into[at + 2] = length >>> 8;
  into[at + 3] = length;
  return at + FRAME_HEADER_LENGTH;
}
