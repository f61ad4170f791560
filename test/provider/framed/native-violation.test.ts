import t from 'tap';
import { violationOfNumbers } from '../../../src/provider/framed/native-violation.js';
import { FrameType, Role } from '../../../src/provider/framed/wire.js';

// test/native/framing.test.ts compares these with the C++ decoder's; this test needs
// no compiler.

t.test('numbers become the violation that they stand for', (t) => {
  const { CONNECT, DATA, REJECT } = FrameType;
  const { caller, callee } = Role;
  for (const [rule, type, count, a, b, from, name, detail] of [
    [0, 0, 1, 0x16, 0, caller, 'bad-magic', /began with 16, expected f6/],
    [
      0,
      0,
      8,
      0x20544547,
      0x2f,
      caller,
      'bad-magic',
      /47 45 54 20 2f 00 00 00,/,
    ],
    [0, 0, 9, 0xffffffff, 0, caller, 'bad-magic', /ff ff ff ff 00 00 00 00 …,/],
    [1, 0, 0, 2, 0, caller, 'bad-role', /role 2, expected 1/],
    [1, 0, 0, 1, 0, callee, 'bad-role', /echoes octets/],
    [2, 0, 0, 2, 1, caller, 'bad-version', /versions 2 to 1/],
    [3, 0, 0, 7, 0, caller, 'truncated', /after 7 octets of the preface/],
    [3, 0, 1, 0, 0, caller, 'truncated', /inside a frame header/],
    [3, DATA, 2, 9, 0, caller, 'truncated', /inside a DATA frame, 9 octets/],
    [4, CONNECT, 0, 9, 8, caller, 'frame-too-long', /9 octets, at most 8/],
    [5, 0x70, 0, 0, 0, caller, 'unknown-frame', /type 0x70/],
    [6, DATA, 0, 0, 0, callee, 'unexpected-frame', /where ACCEPT or REJECT/],
    [6, DATA, 0, 0, 0, caller, 'unexpected-frame', /where CONNECT/],
    [6, CONNECT, 0, 1, 0, caller, 'unexpected-frame', /after the handshake/],
    [7, REJECT, 0, 0, 0, callee, 'trailing-octets', /REJECT is the last frame/],
    [8, 0, 0, 0, 0, caller, 'cut', /ended without DISCONNECT/],
  ] as const) {
    const broken = violationOfNumbers(rule, type, count, a, b, from);
    t.match(broken, { name, detail }, broken.detail);
  }
  t.end();
});

t.test('a number without a rule is our own bug', (t) => {
  t.throws(() => violationOfNumbers(10, 0, 0, 0, 0, Role.caller), RangeError);
  t.end();
});
