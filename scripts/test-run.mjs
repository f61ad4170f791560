// Runs test files in processes, several at a time, prints the outcome (a line for
// each file, every failure in full, one total), and counts assertions.
//
// tap's own runner loads three times as much into each process, and cannot share a
// process among files: it takes half as long again.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { indent, lineOn, say, tapReader } from './tap-report.mjs';
import { mostlyWaits } from './test-files.mjs';

/** Lines shown of a file that did not finish. */
const LAST_LINES = 40;
/**
 * Milliseconds for one file. It only ends a file that hangs: tests have limits of
 * their own, and a busy machine is not a failure.
 */
const TIME_LIMIT = 400_000;
/** The most runs of a file that the environment breaks off. */
const TRIES = 3;
/** Seconds for one test that sets no limit itself. */
export const TAP_TIMEOUT = '300';

/** Lanes for files that wait, besides as many for the others. */
export const WAITING_HERE = availableParallelism();

/** Variables for every test: a state that cannot happen ends it. */
export const TEST_ENV = { TAP_TIMEOUT, GOODBYTE_ASSERT: '1' };

/**
 * Runs a program on this system, with these variables added to ours.
 *
 * @param timeLimit in milliseconds
 */
export async function runHere(program, env, args = [], timeLimit = TIME_LIMIT) {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ...TEST_ENV, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeLimit,
    killSignal: 'SIGKILL',
  });
  const printed = { stdout: '', stderr: '' };
  for (const name of Object.keys(printed)) {
    child[name].setEncoding('utf8').on('data', (text) => {
      printed[name] += text;
    });
  }
  child.once('exit', (_, signal) => {
    // A program that a test left behind may hold them open for ever.
    if (signal === 'SIGKILL') for (const name in printed) child[name].destroy();
  });
  const [code, signal] = await once(child, 'close');
  return { status: code ?? signal, ...printed };
}

/** Arguments for `node` that run test files in one process. */
export const together = (files) =>
  files.length === 1 ? files : ['scripts/together/main.mjs', ...files];

/** Runs test files in one process on this system. */
export function runTogether(files, env) {
  const [program, ...args] = together(files);
  return runHere(program, env, args);
}

export class TestRun {
  #counts = { passed: 0, failed: 0, skipped: 0 };
  #ranAgain = 0;
  #isFailure;
  #folder;
  #waiting;

  /**
   * @param root where the outcome is left, in .tap/summary.json
   * @param rightly matches reasons to skip a test that are not failures on a system
   * with everything that the tests can use (GOODBYTE_FULL).
   * @param waiting number of processes for files that mostly wait, besides one for
   * each processor; these help with the others at the end.
   */
  constructor(root, rightly, waiting = 0) {
    this.#waiting = waiting;
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
   * Runs files, each by itself, with `run`, which maps a file to
   * `{ status, stdout, stderr, broken }`.
   */
  runFiles(files, run) {
    return this.runGroups(
      files.map((file) => [file]),
      ([file]) => run(file),
    );
  }

  /**
   * The same for groups of files that share a process. A group that failed because of
   * the environment, as `broken` says, is run again; the last run counts. `on` names
   * what the files ran on, if there is more than one such thing.
   */
  async runGroups(groups, run) {
    if (groups.length === 0) this.fail('no such test');
    const one = async (files) => {
      for (let left = TRIES - 1; ; left--) {
        const { outcomes, broken } = await this.#runGroup(files, run);
        if (
          left === 0 ||
          broken === undefined ||
          outcomes.every(({ ok }) => ok)
        ) {
          this.#report({ outcomes });
          return;
        }
        this.#ranAgain += 1;
        const lines = outcomes.flatMap((outcome) => outcome.lines);
        say(
          `again   ${files.join(' ')} (${broken})\n` + indent(lines.join('\n')),
        );
      }
    };
    const waits = (files) => this.#waiting > 0 && mostlyWaits(files);
    const waiting = groups.filter(waits).values();
    const others = groups.filter((files) => !waits(files)).values();
    const lane = async (...lists) => {
      for (const list of lists) for (const files of list) await one(files);
    };
    await Promise.all([
      ...Array.from({ length: availableParallelism() }, () => lane(others)),
      ...Array.from({ length: this.#waiting }, () => lane(waiting, others)),
    ]);
  }

  async #runGroup(files, run) {
    const began = Date.now();
    const { status, stdout, stderr, broken, on } = await run(files);
    const took = Date.now() - began;
    const outcomes = readOutcomes(files, stdout, this.#isFailure);
    const last = stdout.split('\n').slice(-LAST_LINES).join('\n');
    const ended = `ended with ${status}\n${indent(last + stderr)}`;
    // It ended in the first unfinished file, or else after the last.
    const brokenOff =
      outcomes.find(({ complete }) => !complete) ??
      (status !== 0 && outcomes.every(isWell) ? outcomes.at(-1) : undefined);
    for (const outcome of outcomes) {
      const { file, counts } = outcome;
      if (counts.failed === 0) {
        if (outcome === brokenOff) outcome.fail(`${file} ${ended}`);
        else if (!outcome.complete) outcome.fail(`${file} was not run`);
        else if (counts.passed + counts.skipped === 0) {
          outcome.fail(`${file} tested nothing`);
        }
      }
      outcome.ok = counts.failed === 0;
      const milliseconds = files.length === 1 ? took : outcome.milliseconds;
      const name = on ? `${file} (${on})` : file;
      outcome.lines.push(lineOn(name, counts, outcome.ok, milliseconds));
    }
    return { outcomes, broken };
  }

  #report({ outcomes }) {
    for (const { counts, lines } of outcomes) {
      for (const [what, count] of Object.entries(counts)) {
        this.#counts[what] += count;
      }
      say(lines.join('\n'));
    }
  }

  /** Prints the total, and exits with 1 after a failure. */
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

const isWell = ({ counts, complete }) => complete && counts.failed === 0;

/** Returns the outcome of each file, from the output of their process. */
function readOutcomes(files, stdout, isFailure) {
  const outcomes = files.map((file) => {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const lines = [];
    const fail = (why) => {
      counts.failed += 1;
      lines.push(`FAILED  ${why}`);
    };
    return { file, counts, lines, fail, complete: false };
  });
  let [current] = outcomes;
  const reader = tapReader(
    (what) => {
      current.counts[what] += 1;
    },
    (line) => current.lines.push(line),
    isFailure,
  );
  const named = (name) => outcomes.find(({ file }) => file === name);
  if (files.length === 1) {
    reader.once('complete', ({ ok }) => {
      current.complete = ok;
    });
  } else {
    // Each file is a subtest with its name.
    reader.on('child', ({ name }) => {
      current = named(name) ?? current;
    });
    reader.on('assert', ({ name, ok, time }) => {
      const done = named(name);
      if (done) Object.assign(done, { complete: ok, milliseconds: time });
    });
  }
  reader.end(stdout);
  return outcomes;
}
