import { once, type EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Where a server listens, as `listen()` and `connect()` take it. */
export type Place = { host: string; port: number } | { path: string };

/** A port of the loopback that the system chooses. */
export const anyPort = { host: '127.0.0.1', port: 0 };

/** The part of net's Server, and of ours, that is needed here. */
export interface Listener extends EventEmitter {
  listen(options: Place & { backlog: number }): unknown;
  address(): { address: string; port: number } | string | null;
}

/** @returns where it listens now. */
export async function listenAt(server: Listener, place: Place): Promise<Place> {
  server.listen({ ...place, backlog: 511 });
  await once(server, 'listening');
  const address = server.address()!;
  return typeof address === 'string'
    ? { path: address }
    : { host: address.address, port: address.port };
}

/** `host:port`, for peers that are measured over TCP alone. */
export function authorityOf(place: Place): string {
  if ('path' in place) throw new Error('a path has no host');
  return `${place.host}:${place.port}`;
}

let pipes = 0;
let pipeFolder: string | undefined;

/** An unused path for a Unix socket or a named pipe. */
export function pipePath(): string {
  const name = `goodbyte-bench-${process.pid}-${pipes++}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  if (pipeFolder === undefined) {
    const made = mkdtempSync(path.join(tmpdir(), 'goodbyte-bench-'));
    process.once('exit', () => rmSync(made, { recursive: true }));
    pipeFolder = made;
  }
  return path.join(pipeFolder, name);
}
