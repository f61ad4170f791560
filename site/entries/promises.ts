/**
 * A `connect` and a `listen` that return promises.
 *
 * @module goodbyte/promises
 */
export * from '../../src/promises.js';
