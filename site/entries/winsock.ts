/**
 * Winsock2's calls, by their names and with their semantics, on every system.
 *
 * @module goodbyte/winsock
 */
export * from '../../src/winsock/index.js';
