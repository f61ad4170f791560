import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debuglog } from 'node:util';
import type { NativeWinsock } from './native-winsock.js';

/**
 * The addon's functions (native/engine/bindings.cc). Ids are 0 or more; a
 * negative result is libuv's number for an error. A call for a released id does
 * nothing.
 */
export interface Native {
  /** The interface's version, which this file must match. */
  readonly interface: number;

  /**
   * Called once in an environment, before all others.
   *
   * @param events buffer for events of four 32-bit numbers.
   * @param outgoing the buffer that `write` sends from.
   * @param record holds several numbers at once.
   * @param drain is called with the number of events to read, at most once in
   *  a turn of the loop.
   */
  start(
    events: Uint8Array,
    outgoing: Uint8Array,
    record: Uint8Array,
    drain: (count: number) => void,
  ): void;
  /** The index of a missing slab; -1: no slab is missing. */
  missingSlab(): number;
  /** @param index from `missingSlab`. */
  setSlab(index: number, slab: Uint8Array): void;
  /** Whether one lies behind the other in memory. */
  liesAbove(one: Uint8Array, other: Uint8Array): boolean;
  /** Reads more events; 0: the queue is empty, and the slabs are reused. */
  next(): number;
  /** Handles that are open. */
  countOpen(): number;

  /**
   * The limits: of control frames, of messages (or {@link STREAM}), of held
   * octets.
   */
  connectTcp(
    address: string,
    port: number,
    localAddress: string,
    localPort: number,
    ...limits: Limits
  ): number;
  connectPipe(path: string, ...limits: Limits): number;
  listenTcp(
    address: string,
    port: number,
    backlog: number,
    ipv6Only: boolean,
    reusePort: boolean,
    ...limits: [...Limits, allowPlain: boolean]
  ): number;
  /** @param access 1: readable by all, 2: writable by all. */
  listenPipe(
    path: string,
    backlog: number,
    access: number,
    ...limits: [...Limits, allowPlain: boolean]
  ): number;

  /**
   * Sends that many octets of `outgoing`; returns the number of writes under
   * way, or -1 if they never will be.
   */
  write(id: number, length: number): number;
  /**
   * The same, followed by at most {@link MOST_PIECES} pieces that do not change
   * until they are sent.
   */
  writeKept(id: number, length: number, pieces: readonly Uint8Array[]): number;
  /** Octets that were written but not yet handed to the system. */
  countUnsent(id: number): number;
  /**
   * Octets that the system has and the peer's side has not taken; negative
   * where the system does not report it.
   */
  countOutstanding(id: number): number;
  /** The same for a system descriptor. Also before `start`. */
  countOutstandingIn(descriptor: number): number;
  /**
   * Whether a system TCP socket has the peer's FIN, and no reset after it; also
   * `false` where the system does not report it. Also before `start`.
   */
  isInOrder(descriptor: number): boolean;
  /** Octets received, modulo 2^32. */
  countReceived(id: number): number;
  /**
   * Sends that many octets of `outgoing`, and FIN; returns whether all is sent
   * already.
   */
  writeLast(id: number, length: number): boolean;
  /** Sends FIN after all written data; returns whether it is sent already. */
  shutdown(id: number): boolean;
  pause(id: number): void;
  resume(id: number): void;
  /** Delivers the octets held after a request. */
  release(id: number): void;
  /**
   * Sends FIN, drops input until the peer's FIN, then closes. Returns whether
   * FIN is sent already.
   */
  linger(id: number): boolean;
  /** The same, but at most 64 KiB are dropped. */
  lingerBriefly(id: number): boolean;
  reset(id: number): void;
  close(id: number): void;
  ref(id: number): void;
  unref(id: number): void;

  setNoDelay(id: number, on: boolean): number;
  /** @param delay seconds before the first probe. */
  setKeepAlive(id: number, on: boolean, delay: number): number;
  setOption(id: number, option: SocketOption, value: number): number;
  /** Puts the value into the record. */
  getOption(id: number, option: SocketOption): number;

  /** Puts family (4, 6 or 0), port, scope and octets into the record. */
  localName(id: number): void;
  peerName(id: number): void;
  /** The text of the address in the record. */
  addressText(): string;
  /** Puts process, user and group of a Unix socket's peer into the record. */
  peerIdentity(id: number): number;

  /**
   * Only on Windows, once in an environment: Winsock itself. A number gives the
   * reason that it is not available.
   */
  openWinsock?(): NativeWinsock | number;

  /**
   * Only in builds for tests: the n-th allocation from now fails. Returns the
   * previous countdown; 0: it has fired.
   */
  failAllocation?(nth: number): number;
}

type Limits = [control: number, message: number, hold: number];

/** The message limit that stands for a stream. */
export const STREAM = 0xffffffff;
export const MOST_PIECES = 64;

/** Their meaning: native/platform/socket_options.h. */
export const SocketOption = {
  userTimeout: 0,
  keepAliveIdle: 1,
  keepAliveInterval: 2,
  keepAliveCount: 3,
  pacingRate: 4,
  serviceClass: 5,
} as const;
export type SocketOption = (typeof SocketOption)[keyof typeof SocketOption];

/** Version of the interface between the addon and this file. */
export const INTERFACE = 5;

/** The addon, or the reason that it did not load. */
type Loaded =
  | { readonly native: Native; readonly path: string }
  | { readonly native?: undefined; readonly reason: string };

let loaded: Loaded | undefined;

/** Loads the addon, once in an environment. Never throws. */
export function loadNative(): Loaded {
  if (!loaded) {
    loaded = load();
    debuglog('goodbyte')(
      loaded.native
        ? `addon: ${loaded.path}`
        : `no addon, the stream transport is used: ${loaded.reason}`,
    );
  }
  return loaded;
}

function load(): Loaded {
  const { bun, deno } = process.versions;
  if (bun || deno) return { reason: 'this runtime has no libuv loop' };
  try {
    const folder = ownFolder();
    // Not imported: webpack takes an imported one for its own.
    const { createRequire } = process.getBuiltinModule('node:module');
    const require = createRequire(join(folder, 'native.js'));
    const path = process.env['GOODBYTE_ADDON'] || find(folder, require);
    const native = require(path) as Native;
    // Another copy of this module has another engine: test runners reload
    // modules, and the copies would take each other's events.
    delete require.cache[require.resolve(path)];
    return native.interface === INTERFACE
      ? { native, path }
      : {
          reason: `${path} has interface ${native.interface}, this version needs ${INTERFACE}`,
        };
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n');
    return { reason };
  }
}

/**
 * This file's location. A bundler that makes a CommonJS module of it leaves
 * `import.meta` empty.
 */
function ownFolder(): string {
  return import.meta.url ? dirname(fileURLToPath(import.meta.url)) : __dirname;
}

/**
 * The addon copied beside a bundle, or else the one that node-gyp-build finds:
 * built in a checkout, or the package's own for this platform.
 */
function find(folder: string, require: NodeJS.Require): string {
  // webpack replaces `import.meta.url` by the path of the bundling.
  for (const place of [folder, dirname(process.argv[1] ?? folder)]) {
    const beside = join(place, 'goodbyte.node');
    if (existsSync(beside)) return beside;
  }
  let root = folder;
  while (!existsSync(join(root, 'package.json')) && root !== dirname(root)) {
    root = dirname(root);
  }
  const build = require('node-gyp-build') as { path(root: string): string };
  return build.path(root);
}
