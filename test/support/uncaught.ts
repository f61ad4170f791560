import type { Test } from 'tap';

/** Collects uncaught errors until the test is over. */
export function uncaught(t: Test): unknown[] {
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const errors: unknown[] = [];
  const keep = (error: unknown) => errors.push(error);
  process.on('uncaughtException', keep);
  t.teardown(() => {
    process.off('uncaughtException', keep);
    for (const listener of listeners) process.on('uncaughtException', listener);
  });
  return errors;
}
