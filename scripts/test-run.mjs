// Runs test files, each in a process of its own and as many at a time as there
// are processors, prints what a reader needs of them (a line for each file,
// every failure whole, one total), and counts what they assert.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sideBySide } from './side-by-side.mjs';
import { indent, lineOn, say, tapReader } from './tap-report.mjs';

/** Lines shown of a file that has not come to its end. */
const LAST_LINES = 40;
/**
 * Milliseconds for one file. Only to end one that hangs: those within are for
 * its tests, and a busy machine is no failure.
 */
const TIME_LIMIT = 900_000;
/** Seconds for one test that sets no limit itself. */
export const TAP_TIMEOUT = '300';

/** Runs a test file on this system, with these variables besides ours. */
export async function runHere(file, env, args = []) {
  const child = spawn(process.execPath, [file, ...args], {
    env: { ...process.env, TAP_TIMEOUT, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIME_LIMIT,
    killSignal: 'SIGKILL',
  });
  const printed = { stdout: '', stderr: '' };
  for (const name of Object.keys(printed)) {
    child[name].setEncoding('utf8').on('data', (text) => {
      printed[name] += text;
    });
  }
  const [code, signal] = await once(child, 'close');
  return { status: code ?? signal, ...printed };
}

export class TestRun {
  #counts = { passed: 0, failed: 0, skipped: 0 };
  #ranAgain = 0;
  #isFailure;
  #folder;

  /**
   * @param root where the outcome is left, in .tap/summary.json
   * @param rightly matches reasons to skip a test that are none to fail where
   * all is said to be there that the tests can use (GOODBYTE_FULL).
   */
  constructor(root, rightly) {
    const full = Boolean(process.env.GOODBYTE_FULL);
    this.#isFailure = (reason) => full && !rightly.test(reason);
    this.#folder = join(root, '.tap');
    rmSync(this.#summary, { force: true });
  }

  get #summary() {
    return join(this.#folder, 'summary.json');
  }

  fail(why) {
    this.#counts.failed += 1;
    say(`FAILED  ${why}`);
  }

  skip(what, reason) {
    const failed = this.#isFailure(reason);
    this.#counts[failed ? 'failed' : 'skipped'] += 1;
    say(`${failed ? 'FAILED ' : 'skipped'} ${what} (${reason})`);
  }

  /**
   * Runs files by `run`: of a file, to `{ status, stdout, stderr, broken }`. A
   * file that failed for what is none of its own, as `broken` says, is run once
   * more; then the second time counts.
   */
  async runFiles(files, run) {
    if (files.length === 0) this.fail('there is no such test');
    await sideBySide(files, async (file) => {
      const first = await this.#runFile(file, run);
      if (first.ok || first.broken === undefined) {
        this.#report(first);
        return;
      }
      this.#ranAgain += 1;
      say(
        `again   ${file} (${first.broken})\n${indent(first.lines.join('\n'))}`,
      );
      this.#report(await this.#runFile(file, run));
    });
  }

  async #runFile(file, run) {
    const began = Date.now();
    const { status, stdout, stderr, broken } = await run(file);
    const milliseconds = Date.now() - began;
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const lines = [];
    const fail = (why) => {
      counts.failed += 1;
      lines.push(`FAILED  ${why}`);
    };
    const reader = tapReader(
      (what) => {
        counts[what] += 1;
      },
      (line) => lines.push(line),
      this.#isFailure,
    );
    let complete;
    reader.once('complete', (result) => {
      complete = result.ok;
    });
    reader.end(stdout);
    if ((status !== 0 || !complete) && counts.failed === 0) {
      const last = stdout.split('\n').slice(-LAST_LINES).join('\n');
      fail(`${file} ended with ${status}\n${indent(last + stderr)}`);
    } else if (Object.values(counts).every((count) => count === 0)) {
      fail(`${file} has tested nothing`);
    }
    const ok = counts.failed === 0;
    lines.push(lineOn(file, counts, ok, milliseconds));
    return { ok, counts, lines, broken };
  }

  #report({ counts, lines }) {
    for (const [what, count] of Object.entries(counts)) {
      this.#counts[what] += count;
    }
    say(lines.join('\n'));
  }

  /** Prints the total, and ends with an exit code that tells of failures. */
  end(more = {}) {
    const { passed, failed, skipped } = this.#counts;
    say(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
    if (this.#ranAgain > 0) say(`${this.#ranAgain} run again`);
    mkdirSync(this.#folder, { recursive: true });
    const summary = JSON.stringify({ ...this.#counts, ...more });
    writeFileSync(this.#summary, `${summary}\n`);
    process.exit(failed > 0 || more.coverage === false ? 1 : 0);
  }
}
