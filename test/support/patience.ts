/**
 * Milliseconds for each call of a correct agent. The limit only ends one that hangs: a
 * busy machine is not a failure.
 */
export const PATIENCE = 120_000;
