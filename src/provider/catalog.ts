/**
 * Winsock's catalog of service providers, and the behaviour of this system's own
 * providers where the documentation leaves it open: for the command line.
 * Sockets come from `select`.
 */
export type { NativeEntry as CatalogEntry } from '../native-winsock.js';
export { ProviderError, readCatalog } from './winsock2/entries.js';
export { hasWinsock } from './winsock2/loop.js';
