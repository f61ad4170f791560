import { ExitCode, planRuns } from '../../conformance/index.js';
import { nameInList } from '../../conformance/scenario/case-list.js';
import type { Io } from './io.js';
import { chooseScenarios, scenarioOptions } from './scenario-options.js';
import { parseOptions } from './usage-error.js';

/** `goodbyte conformance list` */
export function listCommand(args: readonly string[], { stdout }: Io): number {
  const { json, ...options } = parseOptions(args, {
    ...scenarioOptions,
    json: { type: 'boolean' },
  });
  const { scenarios, families, only } = chooseScenarios(options);
  const rows = scenarios.flatMap((scenario) => {
    const { runs } = planRuns({ scenarios: [scenario], families, only });
    if (runs.length === 0) return [];
    const cases = new Set(runs.map(({ tested }) => nameInList(tested)));
    const forced = runs.filter(({ order }) => order !== 'free').length;
    const { id, title, level, clause, requires } = scenario;
    return {
      id,
      title,
      level,
      clause,
      requires,
      cases: [...cases],
      forced,
      free: runs.length - forced,
    };
  });
  if (json) {
    stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
    return rows.length === 0 ? ExitCode.nothingRan : ExitCode.passed;
  }
  const width = Math.max(0, ...rows.map(({ id }) => id.length));
  for (const { id, level, forced, free, title } of rows) {
    const runs = String(forced + free).padStart(3);
    stdout.write(
      `${id.padEnd(width)}  ${level.padEnd(6)}  ${runs}  ${title}\n`,
    );
  }
  const count = (of: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((sum, row) => sum + of(row), 0);
  const cases = count((row) => row.cases.length);
  const total = count(({ forced, free }) => forced + free);
  stdout.write(`\n${rows.length} scenarios, ${cases} cases, ${total} runs\n`);
  return rows.length === 0 ? ExitCode.nothingRan : ExitCode.passed;
}
