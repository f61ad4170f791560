import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type {
  ConnectTarget,
  ListenTarget,
} from '../../src/provider/provider.js';
import { addressOf, type WatchedListener } from './seam.js';

// The compiled tests stand two folders below the project's root.
const root = path.resolve(import.meta.dirname, '../../..');
const fixture = (name: string) =>
  readFileSync(path.join(root, 'test/fixtures/tls', name));

/** A server's key and certificate for localhost, 127.0.0.1 and ::1. */
export const serverTls = { key: fixture('key.pem'), cert: fixture('cert.pem') };
export const clientTls = { ca: serverTls.cert, servername: 'localhost' };

let pipes = 0;
let folder: string | undefined;

/** For as long as this process is there. */
function pipeFolder(): string {
  if (process.platform === 'win32') return '\\\\.\\pipe';
  if (folder === undefined) {
    const made = mkdtempSync(path.join(tmpdir(), 'goodbyte-'));
    process.once('exit', () => rmSync(made, { recursive: true }));
    folder = made;
  }
  return folder;
}

/** A path that is free, for a Unix socket or a named pipe. */
export function freePipePath(): string {
  return path.join(pipeFolder(), `goodbyte-${process.pid}-${pipes++}`);
}

/** A medium for framing, and how to listen and connect there. */
export interface Medium {
  name: string;
  listen(): ListenTarget;
  connect(listener: WatchedListener): ConnectTarget;
  /** Whether an abort is a reset that the system itself makes. */
  hasReset: boolean;
}

const tcp = (name: string, host: string | undefined, via: string): Medium => ({
  name,
  listen: () => (host === undefined ? { port: 0 } : { port: 0, host }),
  connect: (listener) => ({ port: addressOf(listener).port, host: via }),
  hasReset: true,
});

export const media: readonly Medium[] = [
  tcp('TCP over IPv4', '127.0.0.1', '127.0.0.1'),
  tcp('TCP over IPv6', '::1', '::1'),
  tcp('TCP, dual stack', undefined, '127.0.0.1'),
  {
    name: 'a Unix socket or named pipe',
    listen: () => ({ path: freePipePath() }),
    connect: (listener) => ({ path: addressOf(listener).address }),
    hasReset: false,
  },
  {
    name: 'TLS',
    listen: () => ({ port: 0, host: '127.0.0.1', tls: serverTls }),
    connect: (listener) => ({
      port: addressOf(listener).port,
      host: '127.0.0.1',
      tls: clientTls,
    }),
    hasReset: false,
  },
  {
    name: 'TLS over a Unix socket or named pipe',
    listen: () => ({ path: freePipePath(), tls: serverTls }),
    connect: (listener) => ({
      path: addressOf(listener).address,
      tls: clientTls,
    }),
    hasReset: false,
  },
];
