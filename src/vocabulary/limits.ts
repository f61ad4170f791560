/** Milliseconds; `idleTimeout` is 0, or at least this (wire format §10.5). */
export const LEAST_IDLE_TIMEOUT = 1000;
