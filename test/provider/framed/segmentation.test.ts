import * as fc from 'fast-check';
import t from 'tap';
import type { DecoderOptions } from '../../../src/provider/framed/decoder.js';
import { anyCase } from './any-direction.js';
import {
  Recording,
  cut,
  decodePieces,
  octetByOctet,
  type Outcome,
} from './decoding.js';

/** Holds at every frame, and continues when everything has arrived. */
function decodeHolding(
  options: DecoderOptions,
  pieces: readonly Uint8Array[],
  fin: boolean,
): Outcome {
  const recording = new Recording(options);
  const { decoder } = recording;
  recording.onframe = () => {
    decoder.hold();
  };
  for (const piece of pieces) decoder.push(piece);
  // Each release gets past one frame at least.
  for (let left = 0; decoder.heldLength > 0; left++) {
    if (left > 10_000) throw new Error('held octets do not go away');
    decoder.release();
  }
  decoder.release();
  if (fin) recording.end();
  return recording.outcome;
}

function compare(expected: Outcome, actual: Outcome, how: string): void {
  if (JSON.stringify(actual) === JSON.stringify(expected)) return;
  throw new Error(
    `${how}: ${JSON.stringify(actual)}, whole: ${JSON.stringify(expected)}`,
  );
}

t.test('the same octets give the same events in any segmentation', (t) => {
  const errors = new Set<string | undefined>();
  fc.assert(
    fc.property(anyCase, ({ options, octets, segmentations, fin }) => {
      const whole = decodePieces(options, [octets], fin);
      errors.add(whole.error);
      compare(
        whole,
        decodePieces(options, octetByOctet(octets), fin),
        'octet by octet',
      );
      for (const places of segmentations) {
        const pieces = cut(octets, places);
        compare(
          whole,
          decodePieces(options, pieces, fin),
          `cut at ${places.join()}`,
        );
        compare(
          whole,
          decodeHolding(options, pieces, fin),
          `cut at ${places.join()}, held at every frame`,
        );
      }
    }),
    { numRuns: 3000 },
  );
  t.ok(errors.has(undefined), 'some were right');
  for (const name of [
    'bad-magic',
    'truncated',
    'cut',
    'frame-too-long',
    'unknown-frame',
    'unexpected-frame',
    'trailing-octets',
  ]) {
    t.ok(errors.has(name), `some were ${name}`);
  }
  t.end();
});
