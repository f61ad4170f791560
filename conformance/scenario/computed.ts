import { handshakeLength, streamOf, vectorOf } from './vectors.js';
import type { DataSpec } from './types.js';

/** Octets of user data that a side accepts by default. */
const LIMIT = 4096;

/** User data by the names that matrices use. */
const payloads: Readonly<Record<string, DataSpec | null>> = {
  none: null,
  empty: { hex: '' },
  one: { hex: '00' },
  standard: { utf8: 'a standard text!' },
  'limit-1': { octets: 'all', length: LIMIT - 1 },
  limit: { octets: 'all', length: LIMIT },
  'limit+1': { octets: 'all', length: LIMIT + 1 },
  'every-octet': { octets: 'all', length: 256 },
};

type Computed = Record<string, unknown>;

const frameTypes: Readonly<Record<string, number>> = {
  CONNECT: 1,
  ACCEPT: 2,
  REJECT: 3,
  DATA: 4,
  DISCONNECT: 5,
  RESET: 6,
};

function has(value: Computed, name: string, ...others: string[]): boolean {
  const known = [name, ...others];
  return (
    Object.hasOwn(value, name) &&
    Object.keys(value).every((key) => known.includes(key))
  );
}

const hexOf = (spec: unknown): string => {
  const hex = (spec as { hex?: unknown } | null)?.hex;
  if (typeof hex !== 'string') {
    throw new RangeError(`no octets that are known: ${JSON.stringify(spec)}`);
  }
  return hex;
};

function vectorOctets(value: Computed): { hex: string } {
  const vector = vectorOf(String(value['vector']));
  if (value['part'] === 'stream') return { hex: streamOf(vector) };
  const handshake = handshakeLength(vector);
  let [from, until] = [0, vector.hex.length / 2];
  if (value['part'] === 'handshake') until = handshake;
  if (value['part'] === 'rest') from = handshake;
  if (value['until'] !== undefined) until = Number(value['until']);
  return { hex: vector.hex.slice(2 * from, 2 * until) };
}

/**
 * Computes a value from a case's parameters, once these are filled in;
 * `undefined` if the value is a literal.
 *
 * @throws {RangeError} it is invalid.
 */
export function compute(value: Computed): { value: unknown } | undefined {
  if (has(value, 'payload') && typeof value['payload'] === 'string') {
    const spec = payloads[value['payload']];
    if (spec === undefined) {
      throw new RangeError(`unknown payload "${value['payload']}"`);
    }
    return { value: spec };
  }
  // A step's `only` names vectors in a list.
  if (
    has(value, 'vector', 'part', 'until') &&
    typeof value['vector'] === 'string'
  ) {
    return { value: vectorOctets(value) };
  }
  if (has(value, 'limitOf', 'limit')) {
    const { limits } = vectorOf(String(value['limitOf']));
    return { value: limits?.[value['limit'] as 'userData' | 'message'] };
  }
  if (has(value, 'errorOf')) {
    return { value: vectorOf(String(value['errorOf'])).error };
  }
  if (has(value, 'join') && Array.isArray(value['join'])) {
    return { value: { hex: value['join'].map(hexOf).join('') } };
  }
  if (has(value, 'frame', 'of')) {
    const payload = hexOf(value['of']);
    const header = Buffer.alloc(4);
    header.writeUInt32BE(payload.length / 2);
    header[0] = frameTypes[String(value['frame'])]!;
    return { value: { hex: header.toString('hex') + payload } };
  }
  if (has(value, 'u32') && Array.isArray(value['u32'])) {
    const octets = Buffer.alloc(4 * value['u32'].length);
    for (const [index, number] of value['u32'].entries()) {
      octets.writeUInt32BE(number as number, 4 * index);
    }
    return { value: { hex: octets.toString('hex') } };
  }
  if (has(value, 'text')) {
    return { value: (value['text'] as unknown[]).map(String).join('') };
  }
  return undefined;
}
