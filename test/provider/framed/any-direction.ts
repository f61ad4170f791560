import * as fc from 'fast-check';
import type { DecoderOptions } from '../../../src/provider/framed/decoder.js';
import { encodePreface } from '../../../src/provider/framed/encoder.js';
import {
  FrameType,
  Role,
  controlFrameLimit,
} from '../../../src/provider/framed/wire.js';
import { frame } from './decoding.js';

const LIMIT = 16;
const anyOptions: fc.Arbitrary<DecoderOptions> = fc.record({
  from: fc.constantFrom(Role.caller, Role.callee),
  controlLimit: fc.constant(controlFrameLimit(LIMIT)),
  messageLimit: fc.constantFrom(undefined, 64),
  allowPlain: fc.boolean(),
});

const anyPayload = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 60, maxLength: 70 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1050, maxLength: 1060 }) },
);
const dataOrSkipped = fc.oneof(
  { weight: 4, arbitrary: fc.constant<number>(FrameType.DATA) },
  { weight: 1, arbitrary: fc.constantFrom(0x80, 0x84, 0xff) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<number>(
      FrameType.NOTICE,
      FrameType.PING,
      FrameType.PONG,
    ),
  },
);

/** A valid direction, from preface to last frame. */
const goodDirection = (from: Role) =>
  fc
    .record({
      skipped: fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 1 }),
      handshake: fc.uint8Array({ maxLength: 60 }),
      body: fc.array(fc.tuple(dataOrSkipped, anyPayload), { maxLength: 6 }),
      last: fc.option(
        fc.tuple(
          fc.constantFrom<number>(FrameType.DISCONNECT, FrameType.RESET),
          fc.uint8Array({ maxLength: 30 }),
        ),
      ),
    })
    .map(({ skipped, handshake, body, last }) =>
      Buffer.concat([
        encodePreface(from, 1, 1),
        ...skipped.map((payload) => frame(0x90, payload)),
        frame(
          from === Role.caller ? FrameType.CONNECT : FrameType.ACCEPT,
          handshake,
        ),
        ...body.map(([type, payload]) => frame(type, payload)),
        ...(last ? [frame(...last)] : []),
      ]),
    );

/** Frames of any type in any order. */
const anyDirection = (from: Role) =>
  fc
    .array(
      fc.tuple(
        fc.oneof(
          { weight: 8, arbitrary: fc.constantFrom(1, 2, 3, 4, 5, 6) },
          { weight: 1, arbitrary: fc.nat(255) },
        ),
        anyPayload,
      ),
      { maxLength: 6 },
    )
    .map((frames) =>
      Buffer.concat([
        encodePreface(from, 1, 1),
        ...frames.map(([type, payload]) => frame(type, payload)),
      ]),
    );

type Corruption = (octets: Buffer) => Buffer;
const anyCorruption: fc.Arbitrary<Corruption> = fc
  .tuple(
    fc.constantFrom('flip', 'insert', 'delete', 'truncate'),
    fc.nat(),
    fc.integer({ min: 1, max: 255 }),
  )
  .map(([kind, place, value]) => (octets: Buffer) => {
    const at = octets.length === 0 ? 0 : place % octets.length;
    const before = octets.subarray(0, at);
    switch (kind) {
      case 'flip': {
        const flipped = Buffer.from(octets);
        if (flipped.length > 0) flipped[at] = flipped[at]! ^ value;
        return flipped;
      }
      case 'insert':
        return Buffer.concat([
          before,
          Uint8Array.of(value),
          octets.subarray(at),
        ]);
      case 'delete':
        return Buffer.concat([before, octets.subarray(at + 1)]);
      default:
        return Buffer.from(before);
    }
  });

/** Octets of a direction, valid or not, and two ways to split them. */
export const anyCase = anyOptions.chain((options) =>
  fc
    .record({
      octets: fc.oneof(
        { weight: 4, arbitrary: goodDirection(options.from) },
        { weight: 2, arbitrary: anyDirection(options.from) },
        { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
      ),
      corruptions: fc.array(anyCorruption, { maxLength: 3 }),
      cuts: fc.array(fc.array(fc.nat(), { maxLength: 12 }), {
        minLength: 2,
        maxLength: 2,
      }),
      fin: fc.boolean(),
    })
    .map(({ octets, corruptions, cuts, fin }) => {
      let corrupted: Buffer = Buffer.from(octets);
      for (const corrupt of corruptions) corrupted = corrupt(corrupted);
      const segmentations = cuts.map((places) =>
        places
          .map((place) => place % (corrupted.length + 1))
          .toSorted((a, b) => a - b),
      );
      return { options, octets: corrupted, segmentations, fin };
    }),
);
