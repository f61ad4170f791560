import { isAbsolute, resolve } from 'node:path';
import type { NativeEntry } from '../../native-winsock.js';
import {
  AF_INET,
  AF_INET6,
  IPPROTO_TCP,
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

/** A provider cannot be had. */
export class ProviderError extends RangeError {
  readonly status: Status;

  constructor(status: Status, why: string) {
    super(`${winsockErrorName(status) ?? status}: ${why}`);
    this.status = status;
  }
}

/** An entry of the catalog, or what a provider's DLL offers. */
export class Entry {
  readonly info: NativeEntry;
  #number: number | undefined;

  /** @param number the addon's of the provider, if it is in use already. */
  constructor(info: NativeEntry, number?: number) {
    this.info = info;
    this.#number = number;
  }

  declares(flag: number): boolean {
    return (this.info.serviceFlags1 & flag) !== 0;
  }

  /**
   * It has SO_CONDITIONAL_ACCEPT. Without it a connection stands before the
   * condition function is asked.
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
      // It may do another time.
      if (number < 0) return number;
      this.#number = number;
    }
    return native.open(this.#number, mask);
  }
}

const families = [AF_INET, AF_INET6];
const types = [SOCK_STREAM, SOCK_SEQPACKET];

/** Both, or a provider is not better than another one. */
const DATA = XP1_CONNECT_DATA | XP1_DISCONNECT_DATA;

/** The catalog, whole. @throws {Error} it can't be read. */
export function readCatalog(): NativeEntry[] {
  const entries = theWinsockLoop().native.catalog();
  if (typeof entries !== 'number') return entries;
  throw new ProviderError(entries, 'the catalog of providers cannot be read');
}

/** What a socket of ours can be made of: connections over IP. */
function isUsable({ addressFamily, socketType }: NativeEntry): boolean {
  return families.includes(addressFamily) && types.includes(socketType);
}

function carries({ serviceFlags1 }: NativeEntry): boolean {
  return (serviceFlags1 & DATA) === DATA;
}

/** Those that carry user data first, else in the catalog's order. */
export function catalogEntries(): Entry[] {
  const usable = readCatalog().filter(isUsable);
  return [
    ...usable.filter(carries),
    ...usable.filter((info) => !carries(info)),
  ].map((info) => new Entry(info));
}

/**
 * What a name behind `winsock2:` stands for: the id of an entry of the catalog,
 * or the path of a DLL.
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
  if (!isUsable(info)) {
    throw new RangeError(
      `entry ${id} ("${info.protocol}") makes no connections over IP ` +
        `(family ${info.addressFamily}, type ${info.socketType}); ${advice}`,
    );
  }
  return [new Entry(info)];
}

/** ERROR_MOD_NOT_FOUND, ERROR_BAD_EXE_FORMAT */
const loadErrors = new Map([
  [126, 'it, or a DLL that it needs, is not there'],
  [193, `it is no DLL for ${process.arch}`],
]);

function libraryEntries(name: string): Entry[] {
  const path = isAbsolute(name) ? name : resolve(name);
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
      // A provider may make what it has instead of what it was asked for.
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
        ? 'its WSPStartup failed'
        : `the DLL cannot be loaded (Windows error ${systemError}` +
            `${loadErrors.has(systemError) ? `: ${loadErrors.get(systemError)}` : ''})`;
    case WSAEINVALIDPROVIDER:
      return 'it is no provider of version 2.2: it has no WSPStartup, or that answered with another version';
    case WSAEINVALIDPROCTABLE:
      return 'its WSPStartup left entries of the WSPPROC_TABLE empty; all thirty are needed';
    default:
      return 'it makes no socket';
  }
}
