import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debuglog } from 'node:util';
import type { NativeWinsock } from './native-winsock.js';

/**
 * The addon's functions (native/engine/bindings.cc). Ids are 0 or more; a
 * negative result is libuv's number for an error. A call for an id that is
 * released does nothing.
 */
export interface Native {
  /** The interface's version, which this file must match. */
  readonly interface: number;

  /**
   * Once in an environment, before all others.
   *
   * @param events room for events of four 32-bit numbers.
   * @param outgoing from which `write` writes.
   * @param record for several numbers at once.
   * @param drain is called with the number of events to read, at most once in
   *  a turn of the loop.
   */
  start(
    events: Uint8Array,
    outgoing: Uint8Array,
    record: Uint8Array,
    drain: (count: number) => void,
  ): void;
  /** Where memory to read into is missing; -1: nowhere. */
  missingSlab(): number;
  /** @param index what `missingSlab` told. */
  setSlab(index: number, slab: Uint8Array): void;
  /** Whether the one lies behind the other in memory. */
  liesAbove(one: Uint8Array, other: Uint8Array): boolean;
  /** Reads more events; 0: the queue is empty, and the slabs are used again. */
  next(): number;
  /** Handles that are open. */
  countOpen(): number;

  /** The limits are control frames', messages' (or {@link STREAM}), held. */
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
   * So many octets of `outgoing`; returns how many writes are under way, or -1
   * where they never will be.
   */
  write(id: number, length: number): number;
  /**
   * The same, and behind them at most {@link MOST_PIECES} pieces that do not
   * change until they are sent.
   */
  writeKept(id: number, length: number, pieces: readonly Uint8Array[]): number;
  /** Octets that were written and that the system does not have. */
  countUnsent(id: number): number;
  /**
   * Octets that the system has, and that the peer's side has not taken; negative
   * where it does not tell.
   */
  countOutstanding(id: number): number;
  /** The same of a descriptor of the system's. Also before `start`. */
  countOutstandingIn(descriptor: number): number;
  /**
   * Whether a TCP socket of the system's has the peer's FIN, and no reset behind
   * it; `false` too where the system does not tell. Also before `start`.
   */
  isInOrder(descriptor: number): boolean;
  /** Octets that have come, modulo 2^32. */
  countReceived(id: number): number;
  /** So many octets of `outgoing`, and FIN; whether all is sent already. */
  writeLast(id: number, length: number): boolean;
  /** FIN, behind all that was written; whether it is sent already. */
  shutdown(id: number): boolean;
  pause(id: number): void;
  resume(id: number): void;
  /** Delivers the octets held behind a request. */
  release(id: number): void;
  /**
   * FIN, and drop what comes until the peer's; then close. Whether FIN is sent
   * already.
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
  /** The text of the address that is in the record. */
  addressText(): string;
  /** Puts process, user and group of a Unix socket's peer into the record. */
  peerIdentity(id: number): number;

  /**
   * Only on Windows, once in an environment: Winsock itself. A number is why it
   * is not available.
   */
  openWinsock?(): NativeWinsock | number;

  /**
   * Only in builds for tests: the n-th allocation from now fails. Returns how
   * many it still was until the one before; 0: that one has failed.
   */
  failAllocation?(nth: number): number;
}

type Limits = [control: number, message: number, hold: number];

/** A limit of messages that says: a stream. */
export const STREAM = 0xffffffff;
export const MOST_PIECES = 64;

/** native/platform/socket_options.h says what they mean. */
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

/** The addon, or why it did not load. */
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
        : `no addon, the stream transport serves: ${loaded.reason}`,
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
    // Another copy of this module has another engine: a test runner loads
    // modules anew, and each would take the other's events.
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
 * Where this code is. A bundler that makes a CommonJS module of it leaves
 * `import.meta` empty.
 */
function ownFolder(): string {
  return import.meta.url ? dirname(fileURLToPath(import.meta.url)) : __dirname;
}

/**
 * The addon that was copied beside a bundle, or else what node-gyp-build finds:
 * what was built in a checkout, or the package's own for this platform.
 */
function find(folder: string, require: NodeJS.Require): string {
  // webpack replaces `import.meta.url` by the place where the bundle was made.
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
