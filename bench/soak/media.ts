import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AF_INET, AF_UNIX, type SOCKADDR } from '../../src/winsock/index.js';

/** A medium for a soak. */
export interface Medium {
  family: number;
  /** Where to listen. */
  name(): SOCKADDR;
  serverTls?: { key: Buffer; cert: Buffer };
  clientTls?: { ca: Buffer; servername: string };
}

const anyPort = () => ({ family: AF_INET, address: '127.0.0.1', port: 0 });

export const media = {
  tcp: { family: AF_INET, name: anyPort },
  unix: {
    family: AF_UNIX,
    name: () => ({ family: AF_UNIX, address: pipePath(), port: 0 }),
  },
  get tls() {
    const { key, cert } = testCertificate();
    return {
      family: AF_INET,
      name: anyPort,
      serverTls: { key, cert },
      clientTls: { ca: cert, servername: 'localhost' },
    };
  },
} satisfies Record<string, Medium>;

export type MediumName = keyof typeof media;

let pipes = 0;
let pipeFolder: string | undefined;

/** An unused path for a Unix socket or a named pipe. */
export function pipePath(): string {
  const name = `goodbyte-soak-${process.pid}-${pipes++}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  if (pipeFolder === undefined) {
    const made = mkdtempSync(path.join(tmpdir(), 'goodbyte-soak-'));
    process.once('exit', () => rmSync(made, { recursive: true }));
    pipeFolder = made;
  }
  return path.join(pipeFolder, name);
}

export function testCertificate(): { key: Buffer; cert: Buffer } {
  // Compiled, this file stands four folders below the project's root.
  const folder = path.resolve(
    import.meta.dirname,
    '../../../test/fixtures/tls',
  );
  return {
    key: readFileSync(path.join(folder, 'key.pem')),
    cert: readFileSync(path.join(folder, 'cert.pem')),
  };
}
