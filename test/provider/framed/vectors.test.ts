import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import t, { type Test } from 'tap';
import { encodePreface } from '../../../src/provider/framed/encoder.js';
import {
  encodeFields,
  isViolation,
  type Fields,
  type Limits,
} from '../../../src/provider/framed/fields.js';
import { decodeFrameFields } from '../../../src/provider/framed/frame-fields.js';
import {
  answerVersions,
  chosenVersion,
  type VersionRange,
} from '../../../src/provider/framed/handshake/version.js';
import { FrameType, Role } from '../../../src/provider/framed/wire.js';
import type { Flowspec } from '../../../src/vocabulary/qos.js';
import { decodePieces, hexOf, octetsOf } from './decoding.js';
import {
  checkDirection,
  checkTruncations,
  parseVectors,
  vectorFiles,
  type Case,
  type DirectionCase,
} from './directions.js';

interface FieldSet {
  userData?: string;
  userOptions?: string;
  socketType?: number;
  qos?: { sending: Flowspec; receiving: Flowspec; providerSpecific?: string };
  limits?: Limits;
  status?: number;
  reason?: string;
  code?: number;
  mayRepeat?: boolean;
  idleLimit?: number;
}

interface FieldsCase extends Case {
  frame: keyof typeof FrameType;
  limits: { userData: number };
  canonical?: boolean;
  fields?: FieldSet;
}

interface VersionsCase extends Case {
  caller: [number, number];
  callee?: [number, number];
  version?: number;
}

type File = { title: string } & (
  | { kind: 'direction'; cases: DirectionCase[] }
  | { kind: 'fields'; cases: FieldsCase[] }
  | { kind: 'versions'; cases: VersionsCase[] }
);

const files = new Map(
  vectorFiles().map((name) => [name, parseVectors(name) as File]),
);
const specification = readFileSync(
  new URL('../../../../docs/wire-format.md', import.meta.url),
  'utf8',
);

t.test('every file follows the schema', (t) => {
  const validate = new Ajv({ strict: false, allErrors: true }).compile(
    parseVectors('vectors.schema.json') as object,
  );
  t.ok(files.size > 5);
  for (const [name, file] of files) {
    t.ok(validate(file), name, { errors: validate.errors });
  }
  t.end();
});

t.test('every case has its own id and a section that exists', (t) => {
  const sections = new Set(
    [...specification.matchAll(/^#{2,3} (\d+(?:\.\d+)?)\.? /gm)].map(
      ([, number]) => number,
    ),
  );
  const ids = new Set<string>();
  for (const { cases } of files.values()) {
    for (const { id, section } of cases as Case[]) {
      if (ids.has(id)) t.fail(`${id} is there twice`);
      ids.add(id);
      if (!sections.has(section)) t.fail(`${id}: there is no §${section}`);
    }
  }
  t.ok(ids.size > 100);
  t.end();
});

t.test('every error that §8 names has a case, and no other', (t) => {
  const table = /^## 8\.? .*?(?=^## 9)/ms.exec(specification)![0];
  const named = [...table.matchAll(/^\| `([a-z-]+)`/gm)].map(
    ([, name]) => name,
  );
  const used = new Set(
    [...files.values()].flatMap(({ cases }) =>
      (cases as Case[]).flatMap(({ error }) => error ?? []),
    ),
  );
  t.same(used, new Set(named));
  t.end();
});

t.test('the worked example of the specification is its vectors', (t) => {
  const example = /^## 15\.? .*?(?=^## |$(?![\s\S]))/ms.exec(specification)![0];
  for (const { id, hex } of files.get('eight-steps.json')!.cases as Case[]) {
    const side = id === 'eight-steps-caller' ? 'C' : 'S';
    const shown = [...example.matchAll(/^([CS]): ((?:[0-9a-f]{2} ?)+)/gm)]
      .filter(([, from]) => from === side)
      .map(([, , octets]) => octets!.replaceAll(' ', ''))
      .join('');
    t.equal(shown, hexOf(octetsOf(hex)), id);
  }
  t.end();
});

function fieldsOf(set: FieldSet): Fields {
  const { userData, userOptions, qos, ...rest } = set;
  const fields: Fields = { ...rest };
  if (userData !== undefined) fields.userData = octetsOf(userData);
  if (userOptions !== undefined) fields.userOptions = octetsOf(userOptions);
  if (qos) {
    const { providerSpecific, ...flows } = qos;
    fields.qos = { ...flows };
    if (providerSpecific !== undefined) {
      fields.qos.providerSpecific = octetsOf(providerSpecific);
    }
  }
  return fields;
}

function checkFields(t: Test, vector: FieldsCase): void {
  const decoded = decodeFrameFields(
    FrameType[vector.frame],
    octetsOf(vector.hex),
    vector.limits.userData,
  );
  if (!vector.fields) {
    t.match(decoded, { name: vector.error });
    return;
  }
  t.notOk(isViolation(decoded), 'no violation', { decoded });
  const present = Object.entries(decoded).filter(
    ([, value]) => value !== undefined,
  );
  t.same(Object.fromEntries(present), fieldsOf(vector.fields), 'decodes');
  const encoded = hexOf(encodeFields(fieldsOf(vector.fields)));
  const hex = hexOf(octetsOf(vector.hex));
  if (vector.canonical) t.equal(encoded, hex, 'encodes');
  else t.not(encoded, hex, 'is not what an encoder writes');
}

const rangeOf = ([min, max]: readonly [number, number]): VersionRange => ({
  min,
  max,
});

function checkVersions(t: Test, vector: VersionsCase): void {
  const caller = rangeOf(vector.caller);
  if (vector.callee) {
    const { min, max } = answerVersions(caller, rangeOf(vector.callee));
    t.equal(hexOf(encodePreface(Role.callee, min, max)), vector.hex, 'answers');
  }
  const { events, error } = decodePieces(
    { from: Role.callee, controlLimit: 0 },
    [octetsOf(vector.hex)],
    false,
  );
  const told = events[0];
  if (told?.event !== 'preface') return void t.equal(error, vector.error);
  const chosen = chosenVersion(told, caller);
  if (vector.error) t.match(chosen, { name: vector.error });
  else t.equal(chosen, vector.version, 'reads');
}

for (const [name, file] of files) {
  t.test(`${name}: ${file.title}`, (t) => {
    for (const vector of file.cases) {
      t.test(`${vector.id}: ${vector.description}`, async (t) => {
        switch (file.kind) {
          case 'direction':
            await checkDirection(t, vector as DirectionCase, decodePieces);
            break;
          case 'fields':
            checkFields(t, vector as FieldsCase);
            break;
          case 'versions':
            checkVersions(t, vector as VersionsCase);
        }
      });
      if ('boundaries' in vector) {
        t.test(`${vector.id}: truncated everywhere`, (t) =>
          checkTruncations(t, vector, decodePieces),
        );
      }
    }
    t.end();
  });
}
