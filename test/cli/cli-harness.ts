import { Readable } from 'node:stream';
import { runCli } from '../../cli/cli.js';
import type { Io } from '../../cli/io.js';

export interface Printed {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Surroundings {
  isTTY?: boolean;
  env?: Io['env'];
  /** Pieces of stdin. */
  stdin?: Iterable<string> | AsyncIterable<string>;
}

/** Executes a command line in this process. */
export async function cli(
  args: readonly string[],
  { isTTY = false, env = {}, stdin = [] }: Surroundings = {},
): Promise<Printed> {
  let stdout = '';
  let stderr = '';
  const code = await runCli(args, {
    stdin: Readable.from(stdin),
    stdout: { isTTY, write: (text) => (stdout += String(text)) },
    stderr: { isTTY, write: (text) => (stderr += String(text)) },
    env,
  });
  return { code, stdout, stderr };
}

/** `goodbyte conformance …`, in this process. */
export const conformance = (...args: readonly string[]): Promise<Printed> =>
  cli(['conformance', ...args]);
