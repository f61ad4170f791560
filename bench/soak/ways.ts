/** How the closing side of a soak closes. */
export const ways = [
  /** Calls closesocket in a later turn than WSASendDisconnect. */
  'next-turn',
  /** Calls closesocket right after it. */
  'same-tick',
  /** The same, with {@link QUEUED} octets queued before the last word. */
  'behind-1-MiB',
] as const;

/** Aborts without a last word: shows that the soak notices a loss. */
const control = 'abort';

export type Way = (typeof ways)[number] | typeof control;
export const waysAndControl: readonly Way[] = [...ways, control];

export const LAST_WORD = Buffer.from('why this connection ends');
/** Octets that the peer sends and the closing side leaves unread. */
export const UNREAD = 8 * 1024;
export const QUEUED = 1024 * 1024;
