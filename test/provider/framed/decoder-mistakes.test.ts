import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import type * as decoderModule from '../../../src/provider/framed/decoder.js';
import type * as fieldsModule from '../../../src/provider/framed/fields.js';
import type * as frameFieldsModule from '../../../src/provider/framed/frame-fields.js';
import type * as versionModule from '../../../src/provider/framed/handshake/version.js';
import { FrameType, Role } from '../../../src/provider/framed/wire.js';
import { decodePieces, hexOf, octetByOctet, octetsOf } from './decoding.js';
import { mistakes, type Mistake } from './decoder-mistakes.js';
import {
  optionsOf,
  parseVectors,
  vectorFiles,
  type Case,
  type DirectionCase,
} from './directions.js';

// Puts one mistake into a decoder, and finds the vectors that notice it.

interface Modules {
  decoder: typeof decoderModule;
  fields: typeof fieldsModule;
  frameFields: typeof frameFieldsModule;
  version: typeof versionModule;
}

interface FieldsCase extends Case {
  frame: keyof typeof FrameType;
  limits: { userData: number };
  fields?: { reason?: string };
}

interface VersionsCase extends Case {
  caller: [number, number];
  version?: number;
}

const compiled = path.resolve(
  import.meta.dirname,
  '../../../src/provider/framed',
);
const parts = (
  'copy-octets decoder fields frame-fields frame-violations octet-accumulator ' +
  'handshake/version violation wire'
).split(' ');

/** The decoder's modules, with a mistake in one of them. */
async function modulesIn(folder: string, mistake?: Mistake): Promise<Modules> {
  mkdirSync(path.join(folder, 'handshake'), { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  for (const part of parts) {
    cpSync(path.join(compiled, `${part}.js`), path.join(folder, `${part}.js`));
  }
  if (mistake) {
    const { file, find, replace } = mistake;
    const name = path.join(folder, `${file}.js`);
    const [before, after, ...more] = readFileSync(name, 'utf8').split(find);
    if (after === undefined || more.length > 0) {
      throw new Error(`${file}.js has not once: ${find}`);
    }
    writeFileSync(name, `${before}${replace}${after}`);
  }
  const load = (part: string): Promise<unknown> =>
    import(pathToFileURL(path.join(folder, `${part}.js`)).href);
  return {
    decoder: await load('decoder'),
    fields: await load('fields'),
    frameFields: await load('frame-fields'),
    version: await load('handshake/version'),
  } as Modules;
}

function isDecodedRight(vector: DirectionCase, { decoder }: Modules): boolean {
  const octets = octetsOf(vector.hex);
  const expected = JSON.stringify({
    events: vector.events,
    error: vector.error,
  });
  return [[octets], octetByOctet(octets)].every((pieces) => {
    const { events, error } = decodePieces(
      optionsOf(vector),
      pieces,
      vector.fin ?? false,
      decoder.Decoder,
    );
    return JSON.stringify({ events, error }) === expected;
  });
}

function hasRightFields(vector: FieldsCase, modules: Modules): boolean {
  const decoded = modules.frameFields.decodeFrameFields(
    FrameType[vector.frame],
    octetsOf(vector.hex),
    vector.limits.userData,
  );
  if (modules.fields.isViolation(decoded)) return decoded.name === vector.error;
  if (!vector.fields) return false;
  const told = Object.entries(decoded)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]): [string, unknown] =>
      value instanceof Uint8Array ? [key, hexOf(value)] : [key, value],
    );
  const expected = Object.entries(vector.fields);
  const text = (entries: [string, unknown][]) =>
    JSON.stringify(
      entries
        .filter(([key]) => key !== 'qos')
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
  return told.length === expected.length && text(told) === text(expected);
}

function isRightVersion(vector: VersionsCase, modules: Modules): boolean {
  const { events, error } = decodePieces(
    { from: Role.callee, controlLimit: 0 },
    [octetsOf(vector.hex)],
    false,
    modules.decoder.Decoder,
  );
  const told = events[0];
  if (told?.event !== 'preface') return error === vector.error;
  const [min, max] = vector.caller;
  const chosen = modules.version.chosenVersion(told, { min, max });
  return typeof chosen === 'number'
    ? chosen === vector.version
    : chosen.name === vector.error;
}

function isRight(kind: string, vector: Case, modules: Modules): boolean {
  try {
    switch (kind) {
      case 'direction':
        return isDecodedRight(vector as DirectionCase, modules);
      case 'fields':
        return hasRightFields(vector as FieldsCase, modules);
      default:
        return isRightVersion(vector as VersionsCase, modules);
    }
  } catch {
    return false;
  }
}

const files = vectorFiles().map(
  (name) => parseVectors(name) as { kind: string; cases: Case[] },
);

function noticing(modules: Modules): string[] {
  return files.flatMap(({ kind, cases }) =>
    cases
      .filter((vector) => !isRight(kind, vector, modules))
      .map(({ id }) => id),
  );
}

t.test('which vectors notice a mistake', async (t) => {
  const folder = t.testdir();
  t.strictSame(noticing(await modulesIn(path.join(folder, 'right'))), []);
  for (const [index, mistake] of mistakes.entries()) {
    const modules = await modulesIn(path.join(folder, `${index}`), mistake);
    const ids = noticing(modules);
    t.ok(ids.length > 0, `${mistake.what}: ${ids.slice(0, 3).join(', ')}`);
  }
});
