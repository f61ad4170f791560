import type { Readable } from 'node:stream';

/** Streams and environment of a command. */
export interface Io {
  stdin: Readable;
  stdout: Output;
  stderr: Output;
  env: NodeJS.ProcessEnv;
}

export interface Output {
  /**
   * @returns `false` if the writer has to wait for `drain`, as with a stream.
   */
  write(data: string | Uint8Array): unknown;
  once?(event: 'drain', listener: () => void): unknown;
  isTTY?: boolean;
  /** Width of a terminal. */
  columns?: number;
}
