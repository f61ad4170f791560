import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { Test } from 'tap';

/** Starts a compiled program of dist, which ends with the test at the latest. */
export function start(t: Test, program: string, ...args: string[]) {
  // This file is in dist/test/examples.
  const file = path.join(import.meta.dirname, '../..', program);
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

export async function run(
  t: Test,
  program: string,
  ...args: string[]
): Promise<Outcome> {
  return outcomeOf(start(t, program, ...args));
}

/** Resolves with its further output and exit code. */
export async function outcomeOf(
  child: ChildProcess & ReturnType<typeof start>,
): Promise<Outcome> {
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}
