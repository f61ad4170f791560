/**
 * Milliseconds for each call of an agent that is right. Only to end one that
 * hangs: a busy machine is no failure.
 */
export const PATIENCE = 120_000;
