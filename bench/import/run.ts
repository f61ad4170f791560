import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Figures } from '../support/outcome.js';
import { library, programOf } from '../support/program.js';
import { medianOf } from '../support/statistics.js';

const run = promisify(execFile);

/** Starts of each program for one figure. */
const TIMES = 15;

/** Milliseconds that importing the package may add to a process. */
const ALLOWED = 25;

const empty = programOf('');
const importing = programOf(`import ${JSON.stringify(library)};`);

/** The milliseconds that importing the package adds to an empty process. */
export async function measureImport(): Promise<Figures> {
  await timeOf(empty);
  await timeOf(importing);
  const without: number[] = [];
  const added: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    const before = await timeOf(empty);
    without.push(before);
    added.push((await timeOf(importing)) - before);
  }
  return { empty: medianOf(without), added: medianOf(added), allowed: ALLOWED };
}

async function timeOf(program: string[]): Promise<number> {
  const before = performance.now();
  await run(process.execPath, program);
  return performance.now() - before;
}
