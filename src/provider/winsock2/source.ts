import {
  WSAEAFNOSUPPORT,
  WSAEPROTONOSUPPORT,
} from '../../vocabulary/error-codes.js';
import type { Failure } from '../provider.js';
import { ProviderError, type Entry } from './entries.js';

/** Where sockets are made. */
export interface EntrySource {
  readonly entries: readonly Entry[];
  /**
   * User data that an entry does not declare is refused here, with the codes
   * that are documented for it: some providers drop it and report success.
   * `false`: whatever the provider says of it is passed on.
   */
  readonly refusesUndeclared: boolean;
}

/** A field of 16 bits has its length, on every provider that is known. */
export const MOST_USER_DATA = 65_535;

/** What to do about data that a provider does not carry. */
export const REMEDY =
  'use framing at both ends (the provider "framed"), or do without the data';

/** Makes sockets of a family; `undefined`: not supported. */
export function entryOf(
  { entries }: EntrySource,
  family: number,
  socketType: number,
): Entry | undefined {
  return entries.find(
    ({ info }) =>
      info.addressFamily === family && info.socketType === socketType,
  );
}

/** Data that it declares may be given to a connect, of whichever family. */
export function takes(
  { entries, refusesUndeclared }: EntrySource,
  socketType: number,
  flag: number,
): boolean {
  return (
    !refusesUndeclared ||
    entries.some(
      (entry) => entry.info.socketType === socketType && entry.declares(flag),
    )
  );
}

/** @param entry that a socket was made of, if it was by now. */
export function carries(
  { refusesUndeclared }: EntrySource,
  entry: Entry | undefined,
  flag: number,
): boolean {
  return !refusesUndeclared || !entry || entry.declares(flag);
}

/** Why it goes by no IP address, or its catalog cannot be read. */
export function unfit(
  source: EntrySource,
  target: object,
): Failure | undefined {
  return unfitTarget(target) ?? unreadable(source);
}

function unfitTarget(target: object): Failure | undefined {
  if (!('port' in target)) {
    return {
      status: WSAEAFNOSUPPORT,
      detail:
        'Winsock2 connects by IP addresses; for paths and streams take the provider "framed"',
    };
  }
  if ((target as { tls?: unknown }).tls) {
    return {
      status: WSAEPROTONOSUPPORT,
      detail: 'TLS takes framing: choose the provider "framed"',
    };
  }
  return undefined;
}

function unreadable(source: EntrySource): Failure | undefined {
  try {
    void source.entries;
    return undefined;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { status: error.status, detail: error.message };
  }
}
