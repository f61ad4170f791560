import * as constants from '../src/vocabulary/constants.js';

const serviceFlags = Object.entries(constants).filter(([name]) =>
  name.startsWith('XP1_'),
);

const familyNames = new Map<number, string>([
  [constants.AF_INET, 'AF_INET'],
  [constants.AF_INET6, 'AF_INET6'],
  [constants.AF_UNIX, 'AF_UNIX'],
]);

const typeNames = new Map<number, string>([
  [constants.SOCK_STREAM, 'SOCK_STREAM'],
  [2, 'SOCK_DGRAM'],
  [3, 'SOCK_RAW'],
  [4, 'SOCK_RDM'],
  [constants.SOCK_SEQPACKET, 'SOCK_SEQPACKET'],
]);

export function familyName(family: number): string {
  return familyNames.get(family) ?? `family ${family}`;
}

export function typeName(type: number): string {
  return typeNames.get(type) ?? `type ${type}`;
}

/** The names of XP1_* bits; bits without a name in hex. */
export function flagNames(flags: number): string[] {
  let rest = flags >>> 0;
  const names: string[] = [];
  for (const [name, bit] of serviceFlags) {
    if ((flags & (bit as number)) === 0) continue;
    names.push(name);
    rest &= ~(bit as number);
  }
  return rest === 0 ? names : [...names, `0x${(rest >>> 0).toString(16)}`];
}
