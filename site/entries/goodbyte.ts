/**
 * `Socket`, `Server`, `connect` and the two verdicts, with the shape of
 * `node:net`.
 *
 * @module goodbyte
 */
export * from '../../src/names.js';

// The package exports them so that they can be called without `new`, which
// hides their members from a generator.
export { Server } from '../../src/server.js';
export { Socket } from '../../src/socket.js';
