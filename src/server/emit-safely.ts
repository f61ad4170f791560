import type { EventEmitter } from 'node:events';
import { rethrowLater } from '../diagnostics.js';

/** What a listener throws must not keep the next caller from its verdict. */
export function emitSafely(
  emitter: EventEmitter,
  event: string,
  ...args: unknown[]
): void {
  try {
    emitter.emit(event, ...args);
  } catch (error) {
    rethrowLater(error);
  }
}
