// The little that a build has to know about objects and images: COFF and PE
// (Windows), Mach-O (macOS), ELF (the rest).

const COFF_SYMBOL_SIZE = 18;
const MACHO_SYMBOL_SIZE = 16;
const LC_SYMTAB = 2;

function textAt(octets, from, most = Infinity) {
  const end = octets.indexOf(0, from);
  return octets.toString('latin1', from, Math.min(end, from + most));
}

/** The undefined names of a COFF object. */
export function undefinedInCoff(octets) {
  const start = octets.readUInt32LE(8);
  const count = octets.readUInt32LE(12);
  const strings = start + count * COFF_SYMBOL_SIZE;
  const names = [];
  for (let index = 0; index < count; index += 1) {
    const at = start + index * COFF_SYMBOL_SIZE;
    const name =
      octets.readUInt32LE(at) === 0
        ? textAt(octets, strings + octets.readUInt32LE(at + 4))
        : textAt(octets, at, 8);
    const section = octets.readInt16LE(at + 12);
    if (section === 0) names.push(name);
    index += octets[at + 17];
  }
  return names;
}

function undefinedInMachO(octets) {
  const names = [];
  let command = 32;
  for (let left = octets.readUInt32LE(16); left > 0; left -= 1) {
    if (octets.readUInt32LE(command) === LC_SYMTAB) {
      const start = octets.readUInt32LE(command + 8);
      const count = octets.readUInt32LE(command + 12);
      const strings = octets.readUInt32LE(command + 16);
      for (let index = 0; index < count; index += 1) {
        const symbol = start + index * MACHO_SYMBOL_SIZE;
        // N_UNDF | N_EXT, under the mask of N_STAB, N_TYPE and N_EXT.
        if ((octets[symbol + 4] & 0xef) !== 0x01) continue;
        const name = textAt(octets, strings + octets.readUInt32LE(symbol));
        names.push(name.replace(/^_/, ''));
      }
    }
    command += octets.readUInt32LE(command + 4);
  }
  return names;
}

/**
 * The undefined names of C++ and its library in an image for macOS or Linux, where
 * a missing one goes unnoticed until the image is loaded.
 */
export function undefinedOfCpp(octets, system) {
  const names =
    system === 'mac'
      ? undefinedInMachO(octets)
      : // A stripped image has only the names that it shares.
        (octets.toString('latin1').match(/(?<=\0)_\w+(?=\0)/g) ?? []);
  return names.filter(
    (name) =>
      /^_(Z|_cxa_|_gxx_)/.test(name) && !/^__cxa_(atexit|finalize)$/.test(name),
  );
}

/** Removes the build's time from an image, so that equal sources give equal images. */
export function clearTimestamps(octets) {
  const header = octets.readUInt32LE(0x3c) + 4;
  const sections = octets.readUInt16LE(header + 2);
  octets.writeUInt32LE(0, header + 4);
  const optional = header + 20;
  const wide = octets.readUInt16LE(optional) === 0x20b;
  const exports = octets.readUInt32LE(optional + (wide ? 112 : 96));
  const table = optional + octets.readUInt16LE(header + 16);
  for (let index = 0; index < sections; index += 1) {
    const section = table + index * 40;
    const from = octets.readUInt32LE(section + 12);
    const size = octets.readUInt32LE(section + 16);
    if (exports >= from && exports < from + size) {
      const offset = octets.readUInt32LE(section + 20) - from;
      octets.writeUInt32LE(0, exports + offset + 4);
    }
  }
}
