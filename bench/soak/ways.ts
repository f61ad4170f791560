/** How the closing side of a soak closes. */
export const ways = [
  /** closesocket in a later turn than WSASendDisconnect. */
  'next-turn',
  /** closesocket right behind it. */
  'same-tick',
  /** The same, with {@link QUEUED} octets queued before the last word. */
  'behind-1-MiB',
] as const;

/** Says no last word, and aborts: shows that a soak sees what is lost. */
const control = 'abort';

export type Way = (typeof ways)[number] | typeof control;
export const waysAndControl: readonly Way[] = [...ways, control];

export const LAST_WORD = Buffer.from('why this connection ends');
/** Octets that the peer sends, and that the closing side leaves unread. */
export const UNREAD = 8 * 1024;
export const QUEUED = 1024 * 1024;
