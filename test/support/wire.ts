import {
  encodeFrameHeader,
  encodePreface,
} from '../../src/provider/framed/encoder.js';
import { encodeFields, type Fields } from '../../src/provider/framed/fields.js';
import { FrameType, Role } from '../../src/provider/framed/wire.js';

export const limits = {
  handshakeData: 4096,
  disconnectData: 4096,
  message: 1024 * 1024,
};

export const callerPreface = encodePreface(Role.caller, 1, 1);
export const calleePreface = encodePreface(Role.callee, 1, 1);

export function frame(type: number, payload: Uint8Array | string): Buffer {
  const octets =
    typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload;
  return Buffer.concat([encodeFrameHeader(type, octets.length), octets]);
}

export function control(type: number, fields: Fields): Buffer {
  return frame(type, encodeFields(fields));
}

export function connectFrame(fields: Fields = {}): Buffer {
  return control(FrameType.CONNECT, { socketType: 1, limits, ...fields });
}

export function acceptFrame(fields: Fields = {}): Buffer {
  return control(FrameType.ACCEPT, { limits, ...fields });
}

export function disconnectFrame(lastWord?: string): Buffer {
  return control(FrameType.DISCONNECT, {
    userData: lastWord === undefined ? undefined : Buffer.from(lastWord),
  });
}

/** Everything that a caller sends before its verdict. */
export function call(fields: Fields = {}): Buffer {
  return Buffer.concat([callerPreface, connectFrame(fields)]);
}

/** The complete frames after a preface: each type, and its payload as text. */
export function framesIn(octets: Buffer): [type: number, payload: string][] {
  const frames: [number, string][] = [];
  let at = callerPreface.length;
  while (octets.length >= at + 4) {
    const end = at + 4 + octets.readUIntBE(at + 1, 3);
    if (octets.length < end) break;
    frames.push([octets[at]!, octets.toString('latin1', at + 4, end)]);
    at = end;
  }
  return frames;
}
