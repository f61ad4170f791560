/** Tells that an operation is over, on both sides; with an error, that it went wrong. */
export type Done = (error?: Error) => void;

/** The operation that a variant repeats while it is measured. */
export interface Work {
  /** How many operations are under way at a time. */
  readonly lanes: number;
  /** Does one operation. Of each lane one is under way at a time. */
  run(lane: number, done: Done): void;
}

/** The measurements of one run. */
export interface Sample {
  operations: number;
  seconds: number;
  /** Of this process, user and system. */
  cpuMicroseconds: number;
  /** Its calls that read or write; absent where nobody counts them. */
  transfers?: number;
  /** Pages that it got from the system; absent likewise. */
  pageFaults?: number;
  /** Its resident memory at the end, in octets. */
  resident?: number;
}
