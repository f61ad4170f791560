/**
 * A listener of an event without a type, such as a user's own: as `node:events`
 * types it.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- as in @types/node
export type AnyListener = (...args: any[]) => void;

/** A listener that receives `A`. */
export type Listener<A> = A extends unknown[] ? (...args: A) => void : never;

export type EventName = string | symbol;
