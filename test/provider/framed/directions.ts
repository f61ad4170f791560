import { readFileSync, readdirSync } from 'node:fs';
import type { Test } from 'tap';
import type { DecoderOptions } from '../../../src/provider/framed/decoder.js';
import { Role, controlFrameLimit } from '../../../src/provider/framed/wire.js';
import {
  cut,
  octetByOctet,
  octetsOf,
  type Outcome,
  type Told,
} from './decoding.js';

// Runs the vectors of a direction against a decoder in any language.

export interface Case {
  id: string;
  description: string;
  section: string;
  hex: string | string[];
  error?: string;
}

export interface DirectionCase extends Case {
  from: 'caller' | 'callee';
  mode: 'stream' | 'message';
  limits: { userData: number; message: number };
  allowPlain?: true;
  fin?: true;
  boundaries?: number[];
  events: Told[];
}

/** Decodes octets in these pieces. */
export type Decode = (
  options: DecoderOptions,
  pieces: readonly Uint8Array[],
  fin: boolean,
) => Outcome | Promise<Outcome>;

const folder = new URL('../../../../conformance/vectors/', import.meta.url);

export function parseVectors(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
}

/** The names of the files that hold vectors. */
export function vectorFiles(): string[] {
  return readdirSync(folder).filter(
    (name) => name.endsWith('.json') && !name.includes('.schema.'),
  );
}

/** The way in which a vector's receiver decodes it. */
export function optionsOf(vector: DirectionCase): DecoderOptions {
  const { from, mode, limits, allowPlain } = vector;
  return {
    from: Role[from],
    controlLimit: controlFrameLimit(limits.userData),
    messageLimit: mode === 'message' ? limits.message : undefined,
    allowPlain,
  };
}

export async function checkDirection(
  t: Test,
  vector: DirectionCase,
  decode: Decode,
): Promise<void> {
  const options = optionsOf(vector);
  const octets = octetsOf(vector.hex);
  const fin = vector.fin ?? false;
  const expected = { events: vector.events, error: vector.error };

  t.strictSame(await decode(options, [octets], fin), expected, 'whole');
  t.strictSame(
    await decode(options, octetByOctet(octets), fin),
    expected,
    'octet by octet',
  );
  const wrong: number[] = [];
  for (let place = 1; place < octets.length; place++) {
    const outcome = await decode(options, cut(octets, [place]), fin);
    if (JSON.stringify(outcome) !== JSON.stringify(expected)) wrong.push(place);
  }
  t.same(wrong, [], 'cut in two at every place');
}

/** The cases that `boundaries` stands for. */
export async function checkTruncations(
  t: Test,
  vector: DirectionCase,
  decode: Decode,
): Promise<void> {
  const options = optionsOf(vector);
  const octets = octetsOf(vector.hex);
  for (let length = 1; length < octets.length; length++) {
    const isBoundary = vector.boundaries!.includes(length);
    const whole = octets.subarray(0, length);
    for (const pieces of [[whole], octetByOctet(whole)]) {
      const { events, error } = await decode(options, pieces, true);
      // A FIN after the preface alone is not a cut: the caller has left.
      const isOpen = events.some(({ event }) => event === 'frame');
      const isEnd = isBoundary && !isOpen;
      const expected = isEnd ? undefined : isBoundary ? 'cut' : 'truncated';
      t.equal(error, expected, `at ${length}`);
      if (isEnd) t.same(events.pop(), { event: 'end' });
      const last = events.at(-1);
      const same = structuredClone(vector.events.slice(0, events.length));
      const cutData = same.at(-1);
      if (last?.event === 'data' && cutData?.event === 'data') {
        t.ok(cutData.hex.startsWith(last.hex), `data at ${length}`);
        cutData.hex = cutData.hex.slice(0, last.hex.length);
      }
      t.strictSame(events, same, `events at ${length}`);
    }
  }
}
