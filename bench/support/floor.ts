import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { NotRun } from './outcome.js';
import type { Sample } from './work.js';

// Compiled, this file stands three folders below the project's root.
const source = path.resolve(
  import.meta.dirname,
  '../../../bench/floor/floor.c',
);

const execute = promisify(execFile);

/** The C program, compiled for this run of the bench. */
export class Floor {
  #program: Promise<string> | undefined;
  #folder: string | undefined;

  async run(
    work: string,
    seconds: number,
    connections: number,
  ): Promise<Sample> {
    this.#program ??= this.#compile();
    const { stdout } = await execute(await this.#program, [
      work,
      String(seconds),
      String(connections),
    ]);
    return JSON.parse(stdout) as Sample;
  }

  async #compile(): Promise<string> {
    if (process.platform !== 'linux') {
      throw new NotRun('the floor needs epoll, so it runs only on Linux');
    }
    if (!existsSync(source)) throw new NotRun(`${source} is missing`);
    this.#folder = await mkdtemp(path.join(tmpdir(), 'goodbyte-bench-'));
    const program = path.join(this.#folder, 'floor');
    try {
      await execute('cc', ['-O2', '-o', program, source]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new NotRun('no C compiler (cc) was found');
    }
    return program;
  }

  async remove(): Promise<void> {
    if (this.#folder) await rm(this.#folder, { recursive: true });
  }
}
