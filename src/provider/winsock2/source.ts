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
   * Undeclared user data is refused here, with the documented codes: some
   * providers drop it and report success. `false`: the provider's answer to it
   * is passed on.
   */
  readonly refusesUndeclared: boolean;
}

/** Its length has 16 bits, on every known provider. */
export const MOST_USER_DATA = 65_535;

/** The remedy for data that a provider does not carry. */
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

/** Declared data may be given to a connect of any family. */
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

/** @param entry the entry of the socket, if one has been made. */
export function carries(
  { refusesUndeclared }: EntrySource,
  entry: Entry | undefined,
  flag: number,
): boolean {
  return !refusesUndeclared || !entry || entry.declares(flag);
}

/**
 * The reason that it supports no IP address, or that its catalog cannot be
 * read.
 */
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
      detail: 'TLS needs framing: choose the provider "framed"',
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
