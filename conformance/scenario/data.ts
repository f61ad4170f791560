import type { DataSpec } from './types.js';

/**
 * The octets that a specification stands for.
 *
 * @param stored looks up the octets stored under a name.
 */
export function octetsOf(
  spec: DataSpec,
  stored?: (name: string) => Buffer | undefined,
): Buffer {
  if ('hex' in spec) return Buffer.from(spec.hex, 'hex');
  if ('utf8' in spec) return Buffer.from(spec.utf8, 'utf8');
  if ('repeat' in spec) return Buffer.alloc(spec.length, spec.repeat);
  if ('octets' in spec) {
    const octets = Buffer.alloc(spec.length);
    for (let index = 0; index < spec.length; index++) {
      octets[index] = index % 256;
    }
    return octets;
  }
  const octets = stored?.(spec.stored);
  if (!octets) throw new RangeError(`nothing is stored as "${spec.stored}"`);
  return octets;
}

/** Octets for a person: quoted if printable, else in hex; long ones cut. */
export function describeOctets(octets: Buffer | null): string {
  if (octets === null) return 'no data';
  const head = octets.subarray(0, 24);
  const printable = head.every((octet) => octet >= 0x20 && octet < 0x7f);
  const shown = printable
    ? `"${head.toString('latin1')}${octets.length > 24 ? '…' : ''}"`
    : `0x${head.toString('hex')}${octets.length > 24 ? '…' : ''}`;
  return octets.length > 24 ? `${shown} (${octets.length} octets)` : shown;
}
