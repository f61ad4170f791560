import type { EventEmitter } from 'node:events';
import { rethrowLater } from '../diagnostics.js';

/**
 * A listener that throws must not keep the next caller from its verdict.
 *
 * @returns whether no listener has thrown.
 */
export function emitSafely(
  emitter: EventEmitter,
  event: string,
  ...args: unknown[]
): boolean {
  try {
    emitter.emit(event, ...args);
    return true;
  } catch (error) {
    rethrowLater(error);
    return false;
  }
}
