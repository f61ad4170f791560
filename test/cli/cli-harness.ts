import { runCli } from '../../src/cli/cli.js';
import type { Io } from '../../src/cli/io.js';

export interface Printed {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Surroundings {
  isTTY?: boolean;
  env?: Io['env'];
}

/** Executes a command line in this process. */
export async function cli(
  args: readonly string[],
  { isTTY = false, env = {} }: Surroundings = {},
): Promise<Printed> {
  let stdout = '';
  let stderr = '';
  const code = await runCli(args, {
    stdout: { isTTY, write: (text) => (stdout += text) },
    stderr: { isTTY, write: (text) => (stderr += text) },
    env,
  });
  return { code, stdout, stderr };
}

/** `goodbyte conformance …`, in this process. */
export const conformance = (...args: readonly string[]): Promise<Printed> =>
  cli(['conformance', ...args]);
