import { isAbsolute, resolve } from 'node:path';
import type { NativeEntry } from '../../native-winsock.js';
import {
  AF_INET,
  AF_INET6,
  IPPROTO_TCP,
  PFL_HIDDEN,
  PFL_MATCHES_PROTOCOL_ZERO,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  XP1_CONNECT_DATA,
  XP1_DISCONNECT_DATA,
} from '../../vocabulary/constants.js';
import {
  WSAEINVALIDPROCTABLE,
  WSAEINVALIDPROVIDER,
  WSAEPROVIDERFAILEDINIT,
  winsockErrorName,
  type Status,
} from '../../vocabulary/error-codes.js';
import { theWinsockLoop } from './loop.js';
import { Options } from './options.js';

/** A provider is not available. */
export class ProviderError extends RangeError {
  readonly status: Status;

  constructor(status: Status, why: string) {
    super(`${winsockErrorName(status) ?? status}: ${why}`);
    this.status = status;
  }
}

/** An entry of the catalog, or of a provider's DLL. */
export class Entry {
  readonly info: NativeEntry;
  #number: number | undefined;

  /**
   * @param number the addon's number of the provider, if it is in use already.
   */
  constructor(info: NativeEntry, number?: number) {
    this.info = info;
    this.#number = number;
  }

  declares(flag: number): boolean {
    return (this.info.serviceFlags1 & flag) !== 0;
  }

  /**
   * It has SO_CONDITIONAL_ACCEPT. Without it a connection is established before
   * the condition function is asked.
   */
  get conditionalAccept(): boolean {
    const { native } = theWinsockLoop();
    const id = this.open(0);
    if (id < 0) return false;
    const status = new Options(native, id).setConditionalAccept();
    native.close(id);
    return status === 0;
  }

  /** Opens a socket: its id, or an error below zero. */
  open(mask: number): number {
    const { native } = theWinsockLoop();
    if (this.#number === undefined) {
      const [number] = native.useCatalog(this.info.catalogEntryId);
      // It may succeed another time.
      if (number < 0) return number;
      this.#number = number;
    }
    return native.open(this.#number, mask);
  }
}

const families = [AF_INET, AF_INET6];
const types = [SOCK_STREAM, SOCK_SEQPACKET];

/** A provider is preferred only if it carries both. */
const DATA = XP1_CONNECT_DATA | XP1_DISCONNECT_DATA;

/** The catalog, whole. @throws {Error} it can't be read. */
export function readCatalog(): NativeEntry[] {
  const entries = theWinsockLoop().native.catalog();
  if (typeof entries !== 'number') return entries;
  throw new ProviderError(entries, 'the catalog of providers cannot be read');
}

/**
 * A layered provider's own entry: it is part of chains, and cannot make
 * sockets.
 */
const LAYERED = 0;

/**
 * The reason that our sockets cannot be made from an entry, by the members on
 * WSAPROTOCOL_INFO's page; `undefined`: they can.
 */
function whyUnusable(
  info: NativeEntry,
  catalog: readonly NativeEntry[],
): string | undefined {
  const { addressFamily, socketType, chainLength, providerFlags } = info;
  if (!families.includes(addressFamily) || !types.includes(socketType)) {
    return (
      'makes no connections over IP ' +
      `(family ${addressFamily}, type ${socketType})`
    );
  }
  if (chainLength === LAYERED) {
    return `is a layered provider, and makes no sockets itself; ${chainsWith([info], catalog)}`;
  }
  if ((providerFlags & PFL_HIDDEN) !== 0) {
    return 'is hidden from applications (PFL_HIDDEN)';
  }
  return undefined;
}

/** Replacements for layered providers. */
function chainsWith(
  layered: readonly NativeEntry[],
  catalog: readonly NativeEntry[],
): string {
  const ids = new Set(layered.map(({ catalogEntryId }) => catalogEntryId));
  const names = catalog
    .filter(
      (info) =>
        info.chain.some((id) => ids.has(id)) &&
        whyUnusable(info, catalog) === undefined,
    )
    .map(({ catalogEntryId }) => `winsock2:${catalogEntryId}`);
  return names.length === 0
    ? 'no chain of the catalog has it'
    : `take a chain that has it: ${names.join(', ')}`;
}

/**
 * The entry for programs that name no protocol, or TCP; others of the same
 * family and type must be named.
 */
function isMeant({ providerFlags, protocolNumber }: NativeEntry): boolean {
  return (
    (providerFlags & PFL_MATCHES_PROTOCOL_ZERO) !== 0 ||
    protocolNumber === IPPROTO_TCP
  );
}

function carries({ serviceFlags1 }: NativeEntry): boolean {
  return (serviceFlags1 & DATA) === DATA;
}

/** Those that carry user data first, else in the catalog's order. */
export function catalogEntries(): Entry[] {
  const catalog = readCatalog();
  const usable = catalog.filter(
    (info) => whyUnusable(info, catalog) === undefined && isMeant(info),
  );
  return [
    ...usable.filter(carries),
    ...usable.filter((info) => !carries(info)),
  ].map((info) => new Entry(info));
}

/**
 * Parses a name behind `winsock2:`: the id of a catalog entry, or the path of a
 * DLL.
 *
 * @throws {ProviderError}
 */
export function namedEntries(name: string): Entry[] {
  return /^\d+$/.test(name) ? entryOfId(Number(name)) : libraryEntries(name);
}

function entryOfId(id: number): Entry[] {
  const catalog = readCatalog();
  const info = catalog.find(({ catalogEntryId }) => catalogEntryId === id);
  const advice = '`goodbyte providers` lists the catalog';
  if (!info) {
    throw new RangeError(`the catalog has no entry ${id}; ${advice}`);
  }
  const why = whyUnusable(info, catalog);
  if (why) {
    throw new RangeError(`entry ${id} ("${info.protocol}") ${why}; ${advice}`);
  }
  return [new Entry(info)];
}

/** ERROR_MOD_NOT_FOUND, ERROR_BAD_EXE_FORMAT */
const loadErrors = new Map([
  [126, 'it, or a DLL that it needs, is missing'],
  [193, `it is not a DLL for ${process.arch}`],
]);

/** The same for every spelling of a path in the catalog. */
function normalized(path: string): string {
  const expanded = path.replace(
    /%([^%]+)%/g,
    (whole, name: string) => process.env[name] ?? whole,
  );
  return resolve(expanded).toLowerCase();
}

/**
 * A layered provider cannot be started alone: the others of its chain, which
 * the catalog lists, are below it.
 */
function refuseLayered(path: string): void {
  const catalog = readCatalog();
  const wanted = normalized(path);
  const layered = catalog.filter(
    (info) =>
      info.chainLength === LAYERED &&
      info.path !== '' &&
      normalized(info.path) === wanted,
  );
  if (layered.length === 0) return;
  const ids = layered.map(({ catalogEntryId }) => catalogEntryId).join(', ');
  throw new RangeError(
    `${path} is a layered provider (entry ${ids}), and makes no sockets ` +
      `alone; ${chainsWith(layered, catalog)}`,
  );
}

function libraryEntries(name: string): Entry[] {
  const path = isAbsolute(name) ? name : resolve(name);
  refuseLayered(path);
  const { native } = theWinsockLoop();
  const found: Entry[] = [];
  let refused: ProviderError | undefined;
  for (const family of families) {
    for (const type of types) {
      const [number, systemError] = native.useLibrary(
        path,
        family,
        type,
        IPPROTO_TCP,
      );
      if (number < 0) {
        refused ??= new ProviderError(
          -number,
          `${path}: ${whyRefused(-number, systemError)}`,
        );
        continue;
      }
      const info = native.describe(number);
      // A provider may make a different socket than requested.
      if (info.addressFamily === family && info.socketType === type) {
        found.push(new Entry({ ...info, path }, number));
      }
    }
  }
  if (found.length > 0) return found;
  throw (
    refused ??
    new RangeError(`${path}: the provider makes no connections over IP`)
  );
}

function whyRefused(status: Status, systemError: number): string {
  switch (status) {
    case WSAEPROVIDERFAILEDINIT:
      return systemError === 0
        ? 'its WSPStartup failed, as it does in a layered provider on its own'
        : `the DLL cannot be loaded (Windows error ${systemError}` +
            `${loadErrors.has(systemError) ? `: ${loadErrors.get(systemError)}` : ''})`;
    case WSAEINVALIDPROVIDER:
      return 'it is not a provider of version 2.2: it has no WSPStartup, or its WSPStartup returned another version';
    case WSAEINVALIDPROCTABLE:
      return 'its WSPStartup left entries of the WSPPROC_TABLE empty; all thirty are needed';
    default:
      return 'it creates no socket';
  }
}
