import t from 'tap';
import {
  encodeFrameHeader,
  encodePreface,
} from '../../../src/provider/framed/encoder.js';
import {
  FrameType,
  MAX_FRAME_PAYLOAD,
  Role,
} from '../../../src/provider/framed/wire.js';
import { hexOf } from './decoding.js';

t.test('a preface holds magic, role and versions', (t) => {
  t.equal(hexOf(encodePreface(Role.caller, 1, 1)), 'f647425945010101');
  t.equal(hexOf(encodePreface(Role.callee, 2, 255)), 'f6474259450202ff');
  t.end();
});

t.test('a header holds type and length, big-endian', (t) => {
  for (const [type, length, hex] of [
    [FrameType.CONNECT, 0, '01000000'],
    [FrameType.DATA, 1, '04000001'],
    [FrameType.DATA, 0x010203, '04010203'],
    [FrameType.DATA, MAX_FRAME_PAYLOAD, '04ffffff'],
    [0xff, 256, 'ff000100'],
  ] as const) {
    t.equal(hexOf(encodeFrameHeader(type, length)), hex);
  }
  t.end();
});

t.test('a length that does not fit is refused', (t) => {
  t.throws(() => encodeFrameHeader(FrameType.DATA, MAX_FRAME_PAYLOAD + 1), {
    name: 'RangeError',
    message: /at most 16777215 octets, not 16777216/,
  });
  t.end();
});
