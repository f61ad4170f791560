import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { UsageError } from '../usage-error.js';
import type { Place } from './place.js';

export const callerTlsOptions = {
  tls: { type: 'boolean', default: false },
  ca: { type: 'string' },
  servername: { type: 'string' },
} as const;

export const calleeTlsOptions = {
  cert: { type: 'string' },
  key: { type: 'string' },
} as const;

/** @throws {UsageError} a file cannot be read, or TLS was not asked for. */
export function callerTls(
  options: {
    tls: boolean;
    ca?: string | undefined;
    servername?: string | undefined;
  },
  place: Place,
): ConnectionOptions | undefined {
  const { tls, ca, servername } = options;
  if (!tls) {
    if (ca === undefined && servername === undefined) return undefined;
    throw new UsageError('--ca and --servername go with --tls');
  }
  const host = 'host' in place ? place.host : 'localhost';
  return {
    // An address is not a name that TLS can send; its certificate is checked.
    host,
    ...(servername === undefined && isIP(host)
      ? {}
      : { servername: servername ?? host }),
    ...(ca === undefined ? {} : { ca: fileOf('ca', ca) }),
  };
}

/** @throws {UsageError} */
export function calleeTls(options: {
  cert?: string | undefined;
  key?: string | undefined;
}): TlsOptions | undefined {
  const { cert, key } = options;
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw new UsageError('--cert and --key go together');
  }
  return { cert: fileOf('cert', cert), key: fileOf('key', key) };
}

function fileOf(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`--${option}: ${(error as Error).message}`);
  }
}
