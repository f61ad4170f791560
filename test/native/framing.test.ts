import * as fc from 'fast-check';
import t from 'tap';
import type { DecoderOptions } from '../../src/provider/framed/decoder.js';
import { encodePreface } from '../../src/provider/framed/encoder.js';
import { FrameType, Role } from '../../src/provider/framed/wire.js';
import { anyCase } from '../provider/framed/any-direction.js';
import {
  Recording,
  cut,
  frame,
  octetByOctet,
} from '../provider/framed/decoding.js';
import {
  checkDirection,
  checkTruncations,
  parseVectors,
  vectorFiles,
  type DirectionCase,
} from '../provider/framed/directions.js';
import {
  DecoderTool,
  buildTool,
  findCompiler,
  type Heard,
} from './decoder-tool.js';

// Compares the decoder in native/framing with the vectors, and with its twin.

/** The twin's output, with its message. */
function twin(
  options: DecoderOptions,
  pieces: readonly Uint8Array[],
  fin: boolean,
): Heard {
  const recording = new Recording(options);
  for (const piece of pieces) recording.decoder.push(piece);
  if (fin) recording.end();
  return { ...recording.outcome, detail: recording.detail };
}

const compiler = findCompiler();
const skip = compiler
  ? false
  : 'there is no C++ compiler: set CXX, or install c++, g++ or clang++';

t.test('the decoder in C++', { skip }, async (t) => {
  const tool = new DecoderTool(buildTool(compiler!, t.testdir()));
  t.teardown(() => tool.close());

  for (const name of vectorFiles()) {
    const { kind, title, cases } = parseVectors(name) as {
      kind: string;
      title: string;
      cases: DirectionCase[];
    };
    if (kind !== 'direction') continue;
    await t.test(`${name}: ${title}`, async (t) => {
      for (const vector of cases) {
        for (const hold of [false, true]) {
          const decode = async (
            options: DecoderOptions,
            pieces: readonly Uint8Array[],
            fin: boolean,
          ) => {
            const heard = await tool.decode(options, pieces, fin, hold);
            return { events: heard.events, error: heard.error };
          };
          const how = hold ? ', with a hold' : '';
          await t.test(`${vector.id}: ${vector.description}${how}`, (t) =>
            checkDirection(t, vector, decode),
          );
          if (!vector.boundaries) continue;
          await t.test(`${vector.id}: truncated everywhere${how}`, (t) =>
            checkTruncations(t, vector, decode),
          );
        }
      }
    });
  }

  await t.test('both decoders say the same', async (t) => {
    const errors = new Set<string | undefined>();
    const before = tool.cases;
    await fc.assert(
      fc.asyncProperty(
        anyCase,
        async ({ options, octets, segmentations, fin }) => {
          const ways = [
            [octets],
            octetByOctet(octets),
            ...segmentations.map((places) => cut(octets, places)),
          ];
          await Promise.all(
            ways.flatMap((pieces) => {
              const expected = twin(options, pieces, fin);
              errors.add(expected.error);
              return [false, true].map(async (hold) => {
                const actual = await tool.decode(options, pieces, fin, hold);
                if (JSON.stringify(actual) === JSON.stringify(expected)) return;
                throw new Error(
                  `C++: ${JSON.stringify(actual)}, TypeScript: ${JSON.stringify(expected)}`,
                );
              });
            }),
          );
        },
      ),
      { numRuns: 2000 },
    );
    t.comment(`${tool.cases - before} cases, ${tool.inPieces} in pieces`);
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
  });

  await t.test(
    'an end inside a frame is reported where the header ended a chunk',
    async (t) => {
      for (const type of [FrameType.DATA, FrameType.DISCONNECT, 0x90]) {
        for (const messageLimit of [undefined, 16]) {
          const options = { from: Role.caller, controlLimit: 16, messageLimit };
          const pieces = [
            encodePreface(Role.caller, 1, 1),
            frame(FrameType.CONNECT),
            Uint8Array.of(type, 0, 0, 9),
          ];
          const heard = await tool.decode(options, pieces, true);
          t.strictSame(heard, twin(options, pieces, true));
          t.match(heard.detail, /9 octets before its end/);
        }
      }
    },
  );
});
