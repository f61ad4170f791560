import * as fc from 'fast-check';
import t from 'tap';
import {
  decodeFields,
  encodeFields,
  isViolation,
  MAX_PROVIDER_SPECIFIC,
  type Fields,
} from '../../../src/provider/framed/fields.js';
import { decodeFrameFields } from '../../../src/provider/framed/frame-fields.js';
import {
  FrameType,
  MAX_USER_DATA,
  controlFrameLimit,
} from '../../../src/provider/framed/wire.js';
import { flowspec } from '../../../src/vocabulary/qos.js';

// vectors.test.ts checks the layouts; these tests hold for all of them.

const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);
const some = (maxLength: number) =>
  fc
    .uint8Array({ minLength: 1, maxLength })
    .map((octets) => Buffer.from(octets));
const anyFlowspec = fc.record({
  tokenRate: u32,
  tokenBucketSize: u32,
  peakBandwidth: u32,
  latency: u32,
  delayVariation: u32,
  serviceType: u32,
  maxSduSize: u32,
  minimumPolicedSize: u32,
});
const anyFields: fc.Arbitrary<Fields> = fc.record(
  {
    userData: some(300),
    userOptions: some(300),
    socketType: fc.nat(255),
    qos: fc.record(
      {
        sending: anyFlowspec,
        receiving: anyFlowspec,
        providerSpecific: some(MAX_PROVIDER_SPECIFIC),
      },
      { requiredKeys: ['sending', 'receiving'] },
    ),
    limits: fc.record({
      handshakeData: u16,
      disconnectData: u16,
      message: u32,
    }),
    status: u16,
    reason: fc.string({
      minLength: 1,
      maxLength: 255,
      unit: 'grapheme-ascii',
    }),
  },
  { requiredKeys: [] },
);

t.test('encoded fields decode to the same', (t) => {
  fc.assert(
    fc.property(anyFields, (fields) => {
      const decoded = decodeFields(encodeFields(fields));
      t.same(decoded, fields);
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test('any octets give fields or a violation, never a throw', (t) => {
  const names = new Set<string>();
  const types = Object.values(FrameType);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 64 }),
        // Fields of any identifier, so that some get past the first header.
        fc
          .array(fc.tuple(fc.nat(10), fc.uint8Array({ maxLength: 12 })), {
            maxLength: 6,
          })
          .map((list) =>
            Buffer.concat(
              list.map(([id, value]) =>
                Buffer.from([id === 10 ? 0x87 : id, 0, value.length, ...value]),
              ),
            ),
          ),
      ),
      fc.constantFrom(...types),
      fc.nat(8),
      (payload, type, limit) => {
        const result = decodeFrameFields(type, payload, limit);
        if (isViolation(result)) names.add(result.name);
        else if ((result.userData?.length ?? 0) > limit) {
          throw new Error('user data above the limit came through');
        }
      },
    ),
    { numRuns: 5000, seed: 1 },
  );
  t.same(
    names,
    new Set([
      'field-overrun',
      'bad-field',
      'duplicate-field',
      'missing-field',
      'unknown-field',
      'user-data-too-long',
    ]),
    'every violation of a field was met',
  );
  t.end();
});

t.test('a control frame with all there is fits into its limit', (t) => {
  for (const cap of [0, 4096, MAX_USER_DATA]) {
    const payload = encodeFields({
      userData: new Uint8Array(cap),
      userOptions: new Uint8Array(cap),
      socketType: 1,
      qos: {
        sending: flowspec(),
        receiving: flowspec(),
        providerSpecific: new Uint8Array(MAX_PROVIDER_SPECIFIC),
      },
      limits: { handshakeData: cap, disconnectData: cap, message: 1 },
      status: 10061,
      reason: 'r'.repeat(255),
    });
    t.ok(payload.length <= controlFrameLimit(cap), `cap ${cap}`);
  }
  t.end();
});

t.test('empty fields cost nothing', (t) => {
  const empty = new Uint8Array(0);
  const fields = { userData: empty, userOptions: empty, reason: '' };
  t.equal(encodeFields(fields).length, 0);
  t.equal(encodeFields({}).length, 0);
  t.end();
});

t.test('a reason is sent as printable ASCII, cut', (t) => {
  for (const [reason, heard] of [
    ['plain', 'plain'],
    ['Ünïcode: ключ', '?n?code: ????'],
    ['\u0100\u010a', '??'],
    ['line\r\nbreak\u001b[0m', 'line??break?[0m'],
    ['x'.repeat(300), 'x'.repeat(255)],
  ] as const) {
    const payload = encodeFields({ reason });
    const octets = payload.subarray(3);
    t.ok(octets.every((octet) => octet >= 0x20 && octet <= 0x7e));
    t.match(decodeFields(payload), { reason: heard });
  }
  t.end();
});

t.test('user data is a view into the payload, not a copy', (t) => {
  const payload = encodeFields({ userData: Buffer.from('data') });
  const fields = decodeFields(payload) as Fields;
  t.equal(fields.userData!.buffer, payload.buffer);
  payload[3] = 'D'.charCodeAt(0);
  t.equal(Buffer.from(fields.userData!).toString(), 'Data');
  t.end();
});
