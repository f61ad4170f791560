import { readFileSync } from 'node:fs';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { packageFile } from '../package-file.js';

const file = (name: string): Buffer =>
  readFileSync(packageFile('conformance', 'agent', 'certificate', name));

/**
 * TLS options of each side of a run: the suite's own certificate, which every
 * agent has. Its key is public, so it proves nothing.
 */
export function tlsOptions(
  side: 'caller' | 'callee',
): ConnectionOptions | TlsOptions {
  return side === 'callee'
    ? { cert: file('cert.pem'), key: file('key.pem') }
    : { ca: file('cert.pem'), servername: 'localhost' };
}
