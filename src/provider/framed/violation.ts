/**
 * Violations of the wire format, each under one name. The names are part of
 * docs/wire-format.md §8 and of the test vectors.
 */
export type ViolationName =
  | 'bad-magic'
  | 'proxy-header'
  | 'bad-role'
  | 'bad-version'
  | 'version-unsupported'
  | 'truncated'
  | 'cut'
  | 'frame-too-long'
  | 'unknown-frame'
  | 'unexpected-frame'
  | 'trailing-octets'
  | 'field-overrun'
  | 'bad-field'
  | 'duplicate-field'
  | 'missing-field'
  | 'unknown-field'
  | 'user-data-too-long';

/** A broken rule of the wire format, with the expected and the received. */
export interface Violation {
  readonly name: ViolationName;
  /** A sentence for a person. The peer's octets appear only in hexadecimal. */
  readonly detail: string;
  /** The type of the frame that is too long. */
  readonly frame?: number;
}

export function violation(name: ViolationName, detail: string): Violation {
  return { name, detail };
}

/** The first octets of something, for a message: `48 54 54 50 …`. */
export function hexOf(octets: Uint8Array, most = 8): string {
  const shown = Array.from(octets.subarray(0, most), (octet) =>
    octet.toString(16).padStart(2, '0'),
  ).join(' ');
  return octets.length > most ? `${shown} …` : shown;
}
