import {
  ExitCode,
  planRuns,
  type Case,
  type PlannedRun,
} from '../conformance/index.js';
import { caseName } from '../conformance/scenario/expand.js';
import { plainJson } from '../conformance/report/text.js';
import type { Io } from './io.js';
import {
  chooseScenarios,
  nearScenarios,
  scenarioOptions,
} from './scenario-options.js';
import { parseOptions } from './usage-error.js';

/** `goodbyte conformance list` */
export function listCommand(
  args: readonly string[],
  { stdout, stderr }: Io,
): number {
  const { json, ...options } = parseOptions(args, {
    ...scenarioOptions,
    json: { type: 'boolean' },
  });
  const { scenarios, families, only } = chooseScenarios(options);
  const { runs } = planRuns({ scenarios, families, only });
  const rows = rowsOf(runs);
  if (rows.length === 0) {
    stderr.write(nearScenarios(options.scenario, scenarios));
  }
  if (json) {
    stdout.write(`${plainJson(rows, 2)}\n`);
    return rows.length === 0 ? ExitCode.nothingRan : ExitCode.passed;
  }
  const listed = scenarios.flatMap(({ id, level, title }) => {
    const own = rows.filter(({ scenario }) => scenario === id);
    const count = own.reduce((sum, { forced, free }) => sum + forced + free, 0);
    return own.length === 0
      ? []
      : [{ id, level, title, cases: own.length, runs: count }];
  });
  const width = Math.max(0, ...listed.map(({ id }) => id.length));
  for (const { id, level, cases, runs: count, title } of listed) {
    const numbers = [cases, count].map((one) => String(one).padStart(3));
    stdout.write(
      `${id.padEnd(width)}  ${level.padEnd(6)}  ${numbers.join('  ')}  ${title}\n`,
    );
  }
  const total = rows.reduce((sum, { forced, free }) => sum + forced + free, 0);
  stdout.write(
    `\n${listed.length} scenarios, ${rows.length} cases, ${total} runs\n`,
  );
  return rows.length === 0 ? ExitCode.nothingRan : ExitCode.passed;
}

/** A row for each case: its runs, and its scenario's title. */
function rowsOf(runs: readonly PlannedRun[]) {
  const byCase = new Map<Case, PlannedRun[]>();
  for (const run of runs) {
    byCase.set(run.tested, [...(byCase.get(run.tested) ?? []), run]);
  }
  return [...byCase].map(([tested, own]) => {
    const { scenario, name, family, socketType, parameters } = tested;
    const forced = own.filter(({ order }) => order !== 'free').length;
    return {
      id: caseName({ id: name, family }),
      scenario: scenario.id,
      title: scenario.title,
      level: scenario.level,
      family,
      socketType,
      parameters,
      clause: scenario.clause,
      clauses: scenario.clauses ?? [],
      requires: scenario.requires,
      forced,
      free: own.length - forced,
    };
  });
}
