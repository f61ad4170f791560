import { allFamilies } from '../scenario/expand.js';
import { matchesGlob } from '../scenario/load.js';
import type { Case, Family } from '../scenario/types.js';
import type { RunResult } from './result.js';
import { isFailure } from './verdict.js';

type OfCase = Pick<RunResult, 'id' | 'family'>;

interface Line {
  glob: string;
  family: Family | undefined;
  reason: string;
}

/** A family alone is not a reason. */
const families = new Set(allFamilies.map((family) => `(${family})`));
const FAMILY = String.raw`\((?<family>${allFamilies.join('|')})\)`;
const LINE = new RegExp(
  String.raw`^\s*(?<glob>\S+)(?:\s+${FAMILY}(?=\s))?\s+(?<reason>\S.*?)\s*$`,
);

/** A line of a list of known failures that can't be used. */
export class KnownFailuresError extends Error {
  override readonly name = 'KnownFailuresError';
}

/**
 * Cases that are known to fail: they still run, and are reported as such. A case
 * without a failing run is reported too: the list is out of date.
 */
export class KnownFailures {
  readonly #lines: readonly Line[];

  /**
   * @param text a line for each: the case's id or a glob, the family in
   *   brackets if only one is meant, and the reason. `#` begins a comment.
   * @param name of the file, for errors.
   * @throws {KnownFailuresError}
   */
  constructor(text: string, name: string) {
    this.#lines = text.split(/\r?\n/).flatMap((line, index) => {
      if (/^\s*(#|$)/.test(line)) return [];
      const found = LINE.exec(line);
      if (!found || families.has(found.groups!['reason']!)) {
        throw new KnownFailuresError(
          `${name}:${index + 1}: has to be the id of a case (or a glob) and ` +
            `the reason why it fails, not "${line.trim()}"`,
        );
      }
      const { glob, family, reason } = found.groups!;
      return [{ glob, family: family as Family, reason } as Line];
    });
  }

  /** The reason that a case is known to fail, if it is. */
  reasonFor(run: OfCase): string | undefined {
    return this.#lines.find((line) => fits(line, run))?.reason;
  }

  /** Lines that fit none of the cases. */
  unused(cases: readonly Case[]): string[] {
    return this.#lines
      .filter(
        (line) =>
          !cases.some(({ name, family }) => fits(line, { id: name, family })),
      )
      .map(({ glob, family }) => (family ? `${glob} (${family})` : glob));
  }

  /**
   * Cases that are known to fail without a failing run. Unimplemented cases
   * have neither failed nor passed.
   */
  passed(
    runs: readonly RunResult[],
    strict: boolean,
  ): (OfCase & { reason: string })[] {
    const passed = new Map<string, OfCase & { reason: string }>();
    const failed = new Set<string>();
    for (const run of runs) {
      const { id, family, verdict } = run;
      const key = `${id} ${family}`;
      const reason = this.reasonFor(run);
      if (reason !== undefined && verdict !== 'UNIMPLEMENTED') {
        passed.set(key, { id, family, reason });
      }
      if (isFailure(verdict, strict)) failed.add(key);
    }
    return [...passed]
      .filter(([key]) => !failed.has(key))
      .map(([, found]) => found);
  }
}

function fits({ glob, family }: Line, run: OfCase): boolean {
  return (
    (family === undefined || family === run.family) && matchesGlob(run.id, glob)
  );
}
