import { execFile, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Test } from 'tap';
import { loadNative } from '../../../src/native.js';
import { isWindows } from '../../support/platform.js';

export type Transport = 'engine' | 'stream';

/** How a program ended, and its output. */
export interface Outcome {
  code: number | string | null | undefined;
  signal: NodeJS.Signals | null | undefined;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  transport: Transport;
  /** Arguments for Node. */
  node?: string[];
  /** Descriptors that the program may have; needs a shell (not on Windows). */
  descriptors?: number;
  /** Called with the child as soon as it runs. */
  started?: (child: ChildProcess) => void;
}

/** Milliseconds after which a program that hangs is ended. */
const TIME_LIMIT = 240_000;

/** Runs a program of test/lifecycle/programs to its end. */
export async function run(
  program: string,
  args: readonly string[],
  { transport, node = [], descriptors, started }: RunOptions,
): Promise<Outcome> {
  const file = path.join(import.meta.dirname, '../programs', `${program}.js`);
  const command = [process.execPath, ...node, file, ...args];
  const [first, ...rest] =
    descriptors === undefined
      ? command
      : ['sh', '-c', `ulimit -n ${descriptors} && exec "$@"`, 'sh', ...command];
  return new Promise((resolve) => {
    const child = execFile(
      first!,
      rest,
      {
        env: { ...process.env, GOODBYTE_TRANSPORT: transport },
        timeout: TIME_LIMIT,
        killSignal: 'SIGKILL',
      },
      (error, stdout, stderr) => {
        const { code = 0, signal = null } = error ?? {};
        resolve({ code, signal, stdout, stderr });
      },
    );
    started?.(child);
  });
}

/** Runs a program that must succeed, and parses the line that it prints. */
export async function report<T>(
  t: Test,
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<T | undefined> {
  const outcome = await run(program, args, options);
  if (!t.match(outcome, { code: 0, signal: null }, `${program} ends well`)) {
    t.comment(outcome.stderr);
    return undefined;
  }
  return JSON.parse(outcome.stdout) as T;
}

/** An addon built for inspection (`npm run test:asan`). */
const isLookedInto = loadNative().native?.failAllocation !== undefined;

/**
 * A test for each transport, or for the inspected one; the engine's is skipped where
 * it does not load.
 *
 * @param buffered tests that can run side by side, `t.jobs` at a time.
 */
export function onTransports(
  t: Test,
  name: string,
  work: (t: Test, transport: Transport) => Promise<void>,
  buffered = false,
): void {
  onTransport(t, 'engine', name, work, buffered);
  if (!isLookedInto) onTransport(t, 'stream', name, work, buffered);
}

export function onEngine(
  t: Test,
  name: string,
  work: (t: Test, transport: Transport) => Promise<void>,
): void {
  onTransport(t, 'engine', name, work);
}

export function onTransport(
  t: Test,
  transport: Transport,
  name: string,
  work: (t: Test, transport: Transport) => Promise<void>,
  buffered = false,
): void {
  const loaded = loadNative();
  const skip =
    transport === 'engine' && !loaded.native
      ? `no addon: ${loaded.reason}`
      : false;
  t.test(`${name} (${transport})`, { skip, buffered }, (t) =>
    work(t, transport),
  );
}

/** A folder for pipes: the test's own has a path too long for them. */
export function pipeFolder(t: Test): string {
  if (isWindows) return `\\\\.\\pipe\\goodbyte-${randomUUID()}`;
  const folder = mkdtempSync(path.join(tmpdir(), 'goodbyte-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
