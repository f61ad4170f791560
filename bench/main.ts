// Measures goodbyte against its peers: npm run bench [-- --help]
//
// Exit codes: 0, all ran, whether or not they met the bars; 1, a contender broke; 2, usage.
import { withOtherBuild, type Comparison } from './comparison.js';
import { print } from './print.js';
import { race } from './race.js';
import { makeMeasured, makeRows } from './report.js';
import { comparisons } from './rows.js';
import { keyOf, type Contender, type WorkName } from './support/contender.js';
import { describeMachine } from './support/machine.js';
import { ownNetwork } from './support/network.js';
import { parseOptions, type Options } from './support/options.js';
import type { Outcome } from './support/outcome.js';
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
  const network = await ownNetwork();
  const outcomes: Outcome[] = [];
  for (const [work, contenders] of contendersOf(wanted)) {
    const progress = (what: string) => {
      if (process.stderr.isTTY) console.error(`${work}: ${what} …`);
    };
    outcomes.push(
      ...(await race(work, contenders, options, network, progress)),
    );
  }
  const machine = describeMachine(network);
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
