import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile } from '../package-file.js';

/** The progress of a direction at its vector's outcome. */
export type Stage = 'preface' | 'handshake' | 'open';

interface VectorEvent {
  event: string;
  hex?: string;
}

/** A case of `conformance/vectors/`, as scenarios use it. */
export interface Vector {
  id: string;
  kind: 'direction' | 'fields' | 'versions';
  from?: 'caller' | 'callee';
  mode?: 'stream' | 'message';
  frame?: string;
  limits?: { userData: number; message?: number };
  hex: string;
  fin?: true;
  boundaries?: number[];
  allowPlain?: true;
  events?: VectorEvent[];
  error?: string;
}

/** Selects the vectors that a matrix takes its values from. */
export interface VectorQuery {
  kind: Vector['kind'];
  from?: Vector['from'];
  mode?: Vector['mode'];
  frame?: string;
  stage?: Stage;
  /** Names of violations; `null`: vectors that violate nothing. */
  errors?: string[] | 'any' | null;
  fin?: boolean;
  allowPlain?: boolean;
  not?: string[];
}

interface VectorFile {
  kind: Vector['kind'];
  cases: (Omit<Vector, 'kind' | 'hex'> & { hex: string | string[] })[];
}

let loaded: Map<string, Vector> | undefined;

function vectors(): Map<string, Vector> {
  if (loaded) return loaded;
  const folder = packageFile('conformance', 'vectors');
  loaded = new Map();
  for (const file of readdirSync(folder).toSorted()) {
    if (!file.endsWith('.json') || file.endsWith('.schema.json')) continue;
    const { kind, cases } = JSON.parse(
      readFileSync(join(folder, file), 'utf8'),
    ) as VectorFile;
    for (const one of cases) {
      const hex = typeof one.hex === 'string' ? one.hex : one.hex.join('');
      loaded.set(one.id, { ...one, kind, hex });
    }
  }
  return loaded;
}

/** @throws {RangeError} no vector has the name. */
export function vectorOf(id: string): Vector {
  const found = vectors().get(id);
  if (!found) throw new RangeError(`no vector "${id}"`);
  return found;
}

/**
 * The ids of the vectors that a query asks for, in the files' order.
 *
 * @throws {RangeError} no vectors were found.
 */
export function vectorsFor(query: VectorQuery): string[] {
  const found = [...vectors().values()].filter((vector) => fits(vector, query));
  if (found.length === 0) {
    throw new RangeError(`no vector fits ${JSON.stringify(query)}`);
  }
  return found.map(({ id }) => id);
}

function fits(vector: Vector, query: VectorQuery): boolean {
  const { errors, stage, not = [] } = query;
  const { error, id } = vector;
  if (errors === null && error !== undefined) return false;
  if (errors === 'any' && error === undefined) return false;
  if (Array.isArray(errors) && !errors.includes(error ?? '')) return false;
  if (stage !== undefined && stageOf(vector) !== stage) return false;
  const same = (name: 'kind' | 'from' | 'mode' | 'frame'): boolean =>
    query[name] === undefined || query[name] === vector[name];
  const flag = (name: 'fin' | 'allowPlain'): boolean =>
    query[name] === undefined || query[name] === (vector[name] ?? false);
  return (
    same('kind') &&
    same('from') &&
    same('mode') &&
    same('frame') &&
    flag('fin') &&
    flag('allowPlain') &&
    !not.includes(id)
  );
}

function stageOf({ events = [] }: Vector): Stage {
  if (events.some(({ event }) => event === 'frame')) return 'open';
  return events.some(({ event }) => event === 'preface')
    ? 'handshake'
    : 'preface';
}

const PREFACE = 8;
const HEADER = 4;
const HANDSHAKE_TYPES: ReadonlySet<number> = new Set([1, 2, 3]);

/** Octets up to the end of the handshake frame; all if it has no such frame. */
export function handshakeLength({ hex }: Vector): number {
  const octets = Buffer.from(hex, 'hex');
  for (let at = PREFACE; at + HEADER <= octets.length;) {
    const end = at + HEADER + octets.readUIntBE(at + 1, 3);
    if (HANDSHAKE_TYPES.has(octets[at]!)) return Math.min(end, octets.length);
    at = end;
  }
  return octets.length;
}

/** The stream octets that a vector's receiver gets. */
export function streamOf({ events = [] }: Vector): string {
  return events
    .filter(({ event }) => event === 'data' || event === 'message')
    .map(({ hex }) => hex ?? '')
    .join('');
}
