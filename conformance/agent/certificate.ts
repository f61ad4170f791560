import { readFileSync } from 'node:fs';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { packageFile } from '../package-file.js';

const file = (name: string): Buffer =>
  readFileSync(packageFile('conformance', 'agent', 'certificate', name));

/**
 * What a side of a run over TLS is given: the suite's own certificate, which
 * every agent has. It is nobody's secret, and proves nothing.
 */
export function tlsOptions(
  side: 'caller' | 'callee',
): ConnectionOptions | TlsOptions {
  return side === 'callee'
    ? { cert: file('cert.pem'), key: file('key.pem') }
    : { ca: file('cert.pem'), servername: 'localhost' };
}
