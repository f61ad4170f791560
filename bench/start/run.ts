import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Contender } from '../support/contender.js';
import type { Figures } from '../support/outcome.js';
import { figureOf } from '../support/statistics.js';

const run = promisify(execFile);

/** Starts of the program for one figure. */
const TIMES = 11;

/** The package, as users load it. */
const library = path.resolve(import.meta.dirname, '../../../lib/index.js');

/** Measures the milliseconds from start to end of a program that loads one module. */
export async function measureStart({ variant }: Contender): Promise<Figures> {
  const name = JSON.stringify(variant === 'net' ? 'node:net' : library);
  const program = ['--eval', `require(${name})`];
  await run(process.execPath, program);
  const times: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    const before = performance.now();
    await run(process.execPath, program);
    times.push(performance.now() - before);
  }
  const { median } = figureOf(times);
  // Loading more may take half as long again, plus 15 ms.
  return { wall: median, allowed: median * 1.5 + 15 };
}
