import { UsageError } from '../usage-error.js';

export type Place =
  { readonly path: string } | { readonly host: string; readonly port: number };

/**
 * Where to connect or listen: `HOST PORT`, `HOST:PORT`, `[IPv6]:PORT`, `PORT`
 * of this machine, or the path of a Unix socket or named pipe.
 *
 * @throws {UsageError}
 */
export function placeOf(
  words: readonly string[],
  command: 'connect' | 'listen' | 'probe' | 'proxy',
): Place {
  const [first, second, ...more] = words;
  if (first === undefined || more.length > 0) {
    throw new UsageError(
      `goodbyte ${command} takes HOST PORT, HOST:PORT, PORT or the path of a ` +
        `socket, not ${words.length === 0 ? 'nothing' : `"${words.join(' ')}"`}`,
    );
  }
  if (second !== undefined) return { host: first, port: portOf(second) };
  if (/[/\\]/.test(first)) return { path: first };
  const [, bracketed, plain, port] =
    /^(?:(?:\[([^\]]*)\]|([^:]*)):)?(\d+)$/.exec(first) ?? [];
  if (port === undefined) {
    throw new UsageError(
      `"${first}" is not an address: give HOST:PORT, or a path with a "/" in it`,
    );
  }
  return { host: bracketed ?? plain ?? 'localhost', port: portOf(port) };
}

function portOf(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UsageError(`a port is a number from 0 to 65535, not "${text}"`);
}

/** An end of a connection as one would type it; `undefined`: it has no name. */
export function toldAddress(
  end: { address: string; port: number } | string | null,
): string | undefined {
  if (typeof end === 'string') return end;
  if (!end?.address) return undefined;
  const { address, port } = end;
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
