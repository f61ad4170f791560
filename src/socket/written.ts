/** The stream's callback of a write. */
export type Written = (error?: Error | null) => void;
