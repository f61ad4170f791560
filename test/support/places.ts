import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

// Separate from test/support/media.ts, which loads the library: for programs that load
// only what its users load.

// The compiled tests stand two folders below the project's root.
const root = path.resolve(import.meta.dirname, '../../..');
const fixture = (name: string) =>
  readFileSync(path.join(root, 'test/fixtures/tls', name));

/** A server's key and certificate for localhost, 127.0.0.1 and ::1. */
export const serverTls = { key: fixture('key.pem'), cert: fixture('cert.pem') };
export const clientTls = { ca: serverTls.cert, servername: 'localhost' };

let pipes = 0;
let folder: string | undefined;

/** Exists as long as this process. */
function pipeFolder(): string {
  if (process.platform === 'win32') return '\\\\.\\pipe';
  if (folder === undefined) {
    const made = mkdtempSync(path.join(tmpdir(), 'goodbyte-'));
    process.once('exit', () => rmSync(made, { recursive: true }));
    folder = made;
  }
  return folder;
}

/** An unused path for a Unix socket or a named pipe. */
export function freePipePath(): string {
  return path.join(pipeFolder(), `goodbyte-${process.pid}-${pipes++}`);
}
