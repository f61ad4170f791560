/**
 * The conformance suite: run it from the command line, or from your tests.
 *
 * @module goodbyte/conformance
 */
export * from '../../conformance/index.js';
