// Reports how much of src/ and cli/ the tests reached, in all of their processes and
// those that they started: V8 counts, c8 finds the lines of the sources.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { Report } from 'c8';
import { filesUnder } from './files.mjs';
import { say } from './tap-report.mjs';

/** Folders that count. */
const COVERED = ['src', 'cli'];

/** The share of lines that the tests have to reach, in percent. */
const LINES_COVERED_AT_LEAST = 95;

export class Coverage {
  #root;
  #counted;
  #reports;

  constructor(root) {
    this.#root = root;
    this.#counted = join(root, '.tap', 'coverage');
    this.#reports = join(root, '.tap', 'report');
    for (const made of [this.#counted, this.#reports]) {
      rmSync(made, { force: true, recursive: true });
    }
  }

  /** Makes Node count, in child processes too. */
  get environment() {
    return { NODE_V8_COVERAGE: this.#counted };
  }

  /** Prints the lines that were not reached; returns whether enough were. */
  async report() {
    await new Report({
      tempDirectory: this.#counted,
      reportsDirectory: this.#reports,
      reporter: ['json'],
      src: [this.#root],
      include: COVERED.map((folder) => `${folder}/**`),
      excludeAfterRemap: true,
      mergeAsync: true,
    }).run();
    let total = 0;
    let missed = 0;
    for (const [name, file] of [...this.#files()].toSorted(byName)) {
      total += file.total;
      missed += file.missed.length;
      if (file.missed.length === 0) continue;
      const percent = (100 * (file.total - file.missed.length)) / file.total;
      say(
        `  ${percent.toFixed(1).padStart(5)} %  ${name}: ${ranges(file.missed)}`,
      );
    }
    const percent = total === 0 ? 0 : (100 * (total - missed)) / total;
    const enough = percent >= LINES_COVERED_AT_LEAST;
    say(
      `${enough ? 'ok     ' : 'FAILED '} coverage of ${COVERED.join('/, ')}/: ` +
        `${total - missed} of ${total} lines, ${percent.toFixed(2)} % ` +
        `(at least ${LINES_COVERED_AT_LEAST} %)`,
    );
    return enough;
  }

  /** Maps each source file to the lines that count, and those not reached. */
  #files() {
    const root = this.#root;
    const file = join(this.#reports, 'coverage-final.json');
    const report = existsSync(file) ? JSON.parse(readFileSync(file)) : {};
    const files = new Map();
    for (const { path, statementMap, s } of Object.values(report)) {
      const name = relative(root, path);
      if (!COVERED.includes(name.split(sep)[0])) continue;
      // Compiled code reports each line as one statement.
      const missed = Object.keys(s)
        .filter((key) => s[key] === 0)
        .map((key) => statementMap[key].start.line);
      files.set(name, { total: Object.keys(s).length, missed });
    }
    // No report has a file that no test loads; it counts as not covered.
    for (const name of COVERED.flatMap((folder) => filesUnder(root, folder))) {
      if (!name.endsWith('.ts') || name.endsWith('.d.ts') || files.has(name)) {
        continue;
      }
      const output = join(root, 'dist', name.replace(/\.ts$/, '.js'));
      const code = readFileSync(output, 'utf8').replace(/^\/\/#.*$/gm, '');
      if (code.trim() === 'export {};') continue; // only types
      const source = readFileSync(join(root, name), 'utf8');
      const total = source.trimEnd().split('\n').length;
      const missed = Array.from({ length: total }, (_, index) => index + 1);
      files.set(name, { total, missed });
    }
    return files;
  }
}

/** 1, 2, 3, 7 becomes 1-3, 7. */
function ranges(lines) {
  const found = [];
  for (const line of lines) {
    const last = found.at(-1);
    if (last?.[1] === line - 1) last[1] = line;
    else found.push([line, line]);
  }
  return found.map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(', ');
}

const byName = ([a], [b]) => (a < b ? -1 : 1);
