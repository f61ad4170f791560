// Measures goodbyte against its peers: npm run bench [-- --help]
//
// Exit codes: 0, all ran, whether or not they met the bars; 1, a contender broke; 2, usage.
import { measureDrain } from './drain/run.js';
import { measureHeld } from './held/run.js';
import { measureImport } from './import/run.js';
import { measureMemory } from './memory/run.js';
import { withOtherBuild, type Comparison } from './comparison.js';
import { print } from './print.js';
import { makeMeasured, makeRows } from './report.js';
import { comparisons } from './rows.js';
import { keyOf, type Contender, type WorkName } from './support/contender.js';
import { raceFreshly } from './support/fresh.js';
import { describeMachine } from './support/machine.js';
import { measureStart } from './start/run.js';
import { parseOptions, type Options } from './support/options.js';
import type { Outcome } from './support/outcome.js';
import { raceSteadily } from './support/steady.js';
import { workAfresh } from './support/worker.js';
import { isFresh } from './support/works.js';
import { InvalidUsage } from './support/usage.js';

try {
  process.exitCode = await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof InvalidUsage)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function main(options: Options | string): Promise<number> {
  if (typeof options === 'string') {
    console.log(options);
    return 0;
  }
  const chosen = choose(comparisons, options.only);
  const wanted = options.compare
    ? [...chosen, ...withOtherBuild(chosen, options.compare)]
    : chosen;
  const outcomes: Outcome[] = [];
  for (const [work, contenders] of contendersOf(wanted)) {
    const progress = (what: string) => {
      if (process.stderr.isTTY) console.error(`${work}: ${what} …`);
    };
    outcomes.push(...(await race(work, contenders, options, progress)));
  }
  const machine = describeMachine();
  const rows = makeRows(wanted, outcomes);
  const measured = makeMeasured(outcomes);
  if (options.json) {
    const { json: _, ...given } = options;
    console.log(
      JSON.stringify({ machine, options: given, rows, measured }, null, 2),
    );
  } else {
    console.log(print(machine, measured, rows, process.stdout.isTTY));
  }
  for (const { contender, broke } of outcomes) {
    if (broke !== undefined) console.error(`${keyOf(contender)}: ${broke}`);
  }
  return outcomes.some(({ broke }) => broke !== undefined) ? 1 : 0;
}

function choose(
  all: readonly Comparison[],
  only: readonly string[],
): readonly Comparison[] {
  if (only.length === 0) return all;
  for (const part of only) {
    if (all.some(({ name }) => name.startsWith(part))) continue;
    const names = all.map(({ name }) => `  ${name}`).join('\n');
    throw new InvalidUsage(
      `no row's name begins with "${part}"; the rows are:\n${names}`,
    );
  }
  return all.filter(({ name }) => only.some((part) => name.startsWith(part)));
}

/** Each contender once, by work, peers first. */
function contendersOf(
  wanted: readonly Comparison[],
): Map<WorkName, Contender[]> {
  const byKey = new Map<string, Contender>();
  for (const { peer } of wanted)
    byKey.set(keyOf(peer.contender), peer.contender);
  for (const { ours } of wanted)
    byKey.set(keyOf(ours.contender), ours.contender);
  const byWork = new Map<WorkName, Contender[]>();
  for (const contender of byKey.values()) {
    const ofWork = byWork.get(contender.work);
    if (ofWork) ofWork.push(contender);
    else byWork.set(contender.work, [contender]);
  }
  return byWork;
}

function race(
  work: WorkName,
  contenders: readonly Contender[],
  options: Options,
  progress: (what: string) => void,
): Promise<Outcome[]> {
  const { runs, seconds, connections, held, drained } = options;
  if (work === 'memory') {
    return raceFreshly(
      contenders,
      runs,
      (contender) => measureMemory(contender, connections),
      progress,
    );
  }
  if (work === 'held') {
    return raceFreshly(
      contenders,
      runs,
      (contender) => measureHeld(contender, held, seconds),
      progress,
    );
  }
  if (work === 'drain') {
    return raceFreshly(
      contenders,
      runs,
      (contender) => measureDrain(contender, drained),
      progress,
    );
  }
  if (work === 'start') {
    return raceFreshly(contenders, runs, measureStart, progress);
  }
  if (work === 'import') {
    return raceFreshly(contenders, runs, measureImport, progress);
  }
  if (isFresh(work)) {
    return raceFreshly(
      contenders,
      runs,
      (contender) => workAfresh(work, contender, seconds, undefined),
      progress,
    );
  }
  return raceSteadily(work, contenders, options, progress);
}
