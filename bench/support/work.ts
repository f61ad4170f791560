/** Called when an operation is over on both sides; with an error, if it failed. */
export type Done = (error?: Error) => void;

/** The operation that a variant repeats while it is measured. */
export interface Work {
  /** Operations under way at a time. */
  readonly lanes: number;
  /** Does one operation. Each lane has one under way at a time. */
  run(lane: number, done: Done): void;
  /** The median time of a connect since it was last asked, in microseconds. */
  latency?(): number;
}

/** The measurements of one run. */
export interface Sample {
  operations: number;
  seconds: number;
  /** CPU time of this process, user and system. */
  cpuMicroseconds: number;
  /** The median time of a connect, where that is measured, in microseconds. */
  latency?: number;
  /** Its calls that read or write; absent where the system does not count them. */
  transfers?: number;
  /** Pages that it got from the system; absent as above. */
  pageFaults?: number;
  /** Its resident memory at the end, in octets. */
  resident?: number;
}
