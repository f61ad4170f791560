import { spawnSync } from 'node:child_process';
import path from 'node:path';
import t from 'tap';
import { encodeFields, isViolation } from '../../src/provider/framed/fields.js';
import { decodeFrameFields } from '../../src/provider/framed/frame-fields.js';
import { FrameType } from '../../src/provider/framed/wire.js';
import { compileProgram, findCompiler } from './decoder-tool.js';
import { hexOf, octetsOf } from '../provider/framed/decoding.js';
import { parseVectors } from '../provider/framed/directions.js';

// Compares the reference provider's codec for fields with the vectors, and with its
// twin here.

interface FieldsCase {
  id: string;
  description: string;
  frame: keyof typeof FrameType;
  limits: { userData: number };
  hex: string | string[];
  canonical?: boolean;
  error?: string;
}

const compiler = findCompiler();
const skip = compiler
  ? false
  : 'there is no C++ compiler: set CXX, or install c++, g++ or clang++';

t.test("the reference provider's fields", { skip }, (t) => {
  const root = path.resolve(import.meta.dirname, '../../..');
  const wire = path.join(root, 'conformance/reference-provider/wire');
  const program = compileProgram(
    compiler!,
    path.join(t.testdir(), 'fields_tool'),
    [path.join(root, 'native'), path.dirname(wire)],
    ['fields.cc', 'fields_tool.cc'].map((file) => path.join(wire, file)),
  );
  const { cases } = parseVectors('fields.json') as { cases: FieldsCase[] };
  const input = cases.map(({ frame, limits, hex }) => {
    const type = FrameType[frame].toString(16).padStart(2, '0');
    return `${type} ${limits.userData} ${hexOf(octetsOf(hex))}\n`;
  });
  const told = spawnSync(program, {
    input: input.join(''),
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  });
  t.equal(told.status, 0, told.stderr);
  const lines = told.stdout.split('\n');
  t.equal(lines.length, cases.length + 1);

  for (const [index, vector] of cases.entries()) {
    const { id, description, frame, limits, canonical, error } = vector;
    const octets = octetsOf(vector.hex);
    const twin = decodeFrameFields(FrameType[frame], octets, limits.userData);
    const expected = isViolation(twin) ? error : hexOf(encodeFields(twin));
    t.equal(lines[index], expected, `${id}: ${description}`);
    if (canonical) t.equal(lines[index], hexOf(octets), `${id}: as it came`);
  }
  t.end();
});
