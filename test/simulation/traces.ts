import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Failure } from './simulate.js';

/** A life in a file. Its choices are text, so that they take one line. */
interface Kept extends Omit<Failure, 'choices'> {
  choices: string;
}

/** Writes a wrong life to a folder. @returns the file's path. */
export function keepTrace(folder: string, failure: Failure): string {
  const file = path.join(folder, `life-${failure.seed}.json`);
  const { choices, ...rest } = failure;
  const kept: Kept = { ...rest, choices: choices.join(',') };
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(kept, undefined, 2)}\n`);
  return file;
}

/**
 * A life's choices: from a list separated by commas, or from a file that
 * {@link keepTrace} wrote, which also has the seed.
 *
 * @throws {Error} if it is neither.
 */
export function lifeOf(listOrFile: string): {
  choices: number[];
  seed: number | undefined;
} {
  const { choices, seed } = /^[\d,]+$/.test(listOrFile)
    ? { choices: listOrFile }
    : (JSON.parse(readFileSync(listOrFile, 'utf8')) as Partial<Kept>);
  if (choices === undefined) throw new Error(`${listOrFile} has no choices`);
  return { choices: choices.split(',').map(Number), seed };
}
