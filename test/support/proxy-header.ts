// Headers of the PROXY protocol, as a proxy writes them.

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/** Version 1. */
export function line(fields: string): Buffer {
  return Buffer.from(`PROXY ${fields}\r\n`, 'latin1');
}

/** Version 2, around addresses and TLVs. */
export function binary(command: number, kind: number, octets: Buffer): Buffer {
  const fixed = Buffer.of(command, kind, 0, 0);
  fixed.writeUInt16BE(octets.length, 2);
  return Buffer.concat([SIGNATURE, fixed, octets]);
}
