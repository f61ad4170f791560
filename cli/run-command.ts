import { nameInList } from '../conformance/scenario/case-list.js';
import { allFamilies, casesOf } from '../conformance/scenario/expand.js';
import {
  AgentLost,
  DEFAULT_TIMEOUT,
  ExitCode,
  exitCodeOf,
  jobsFor,
  jsonReport,
  planRuns,
  runSuite,
  SuiteBroken,
  type PlannedRun,
} from '../conformance/index.js';
import { readText } from '../conformance/text-file.js';
import { packageVersion } from '../conformance/agent/agent.js';
import { capabilitySentences } from '../conformance/report/capabilities.js';
import { coloursFor } from '../conformance/report/colours.js';
import { reported } from '../conformance/report/model.js';
import { tableTitle } from '../conformance/report/render.js';
import { runtimeName } from '../src/runtime.js';
import { TableReport } from '../conformance/report/table.js';
import { plain } from '../conformance/report/text.js';
import {
  KnownFailures,
  KnownFailuresError,
} from '../conformance/runner/known-failures.js';
import { checkHost, checkProvider } from './agent-command.js';
import { agentSource } from './agent-source.js';
import { Interruption } from './interruption.js';
import type { Io } from './io.js';
import { Progress } from './progress.js';
import {
  reportOptions,
  wantedReports,
  writeReports,
  type WantedReport,
} from './report-option.js';
import {
  chooseScenarios,
  nearScenarios,
  scenarioOptions,
} from './scenario-options.js';
import { parseOptions, UsageError, wholeNumber } from './usage-error.js';

/** `goodbyte conformance run` */
export async function runCommand(
  args: readonly string[],
  io: Io,
): Promise<number> {
  const options = parseOptions(args, {
    ...scenarioOptions,
    ...reportOptions,
    provider: { type: 'string' },
    client: { type: 'string' },
    server: { type: 'string' },
    'in-process': { type: 'boolean' },
    timeout: { type: 'string' },
    jobs: { type: 'string' },
    repeat: { type: 'string' },
    'max-orders': { type: 'string' },
    seed: { type: 'string' },
    strict: { type: 'boolean' },
    'known-failing': { type: 'string' },
    name: { type: 'string' },
    list: { type: 'boolean' },
    quiet: { type: 'boolean', default: false },
  });
  checkProvider(options.provider);
  checkHost(io.env['GOODBYTE_AGENT_HOST']);
  const { caseList, ...chosen } = chooseScenarios(options);
  const plan = {
    ...chosen,
    maxOrders: wholeNumber('max-orders', options['max-orders'], 1),
    seed: wholeNumber('seed', options.seed, 0),
    repeat: wholeNumber('repeat', options.repeat, 1),
  };
  const { runs } = planRuns(plan);
  const timeout = wholeNumber('timeout', options.timeout, 1);
  const suite = {
    ...plan,
    client: agentSource('client', options, io),
    server: agentSource('server', options, io),
    timeout: timeout ?? DEFAULT_TIMEOUT,
    startTimeout: timeout,
    jobs: wholeNumber('jobs', options.jobs, 1) ?? jobsFor(runs.length),
  };
  const known = knownFailures(options['known-failing'], runs, io);
  const wanted = wantedReports(options);
  if (runs.length === 0) {
    io.stderr.write(nearScenarios(options.scenario, chosen.scenarios));
  }
  if (options.list) return listRuns(runs, io);

  const goodbyte = packageVersion();
  const progress = new Progress(io.stderr, runs.length, options);
  const table = tableOnStdout(wanted, io, progress, options.quiet);
  table?.begin(
    tableTitle({
      goodbyte,
      node: process.versions.node,
      runtime: runtimeName(process.versions),
      ...suite,
    }),
    runs.map(({ tested, orderName }) => ({
      scenario: nameInList(tested),
      order: orderName,
      indication: tested.scenario.indication ?? '',
    })),
  );
  const interruption = new Interruption();
  try {
    let cause: unknown;
    const result = await runSuite({
      ...suite,
      signal: interruption.signal,
      onresult: (run) => progress.count(run),
      onrun: (run) => table?.run(reported(run, known)),
    }).catch((error: unknown) => {
      if (!(error instanceof SuiteBroken)) throw error;
      ({ cause } = error);
      return error.result;
    });
    progress.erase();
    const report = jsonReport(result, {
      goodbyte,
      scenarios: suite.scenarios,
      name: options.name,
      strict: options.strict,
      caseList,
      known,
      cases: options.strict
        ? suite.scenarios.flatMap((one) => casesOf(one, allFamilies))
        : undefined,
    });
    table?.end(report);
    if (table && options.provider !== undefined) {
      io.stdout.write(`\n${capabilitySentences(report).join('\n')}\n`);
    }
    const others = wanted.filter(
      ({ format, path }) => !(format === 'console' && path === undefined),
    );
    const written = writeReports(others, report, io);
    if (result.broken) {
      // For our own bugs the stack is shown.
      if (!(cause instanceof AgentLost) && !interruption.bySignal) throw cause;
      io.stderr.write(`goodbyte: ${plain(result.broken.why)}\n`);
    }
    return written ? exitCodeOf(report.summary) : ExitCode.harnessBroke;
  } finally {
    progress.erase();
    interruption.end();
  }
}

/** The table that is written as results come, if it goes to stdout. */
function tableOnStdout(
  wanted: readonly WantedReport[],
  { stdout, env }: Io,
  progress: Progress,
  quiet: boolean,
): TableReport | undefined {
  const isWanted = wanted.some(
    ({ format, path }) => format === 'console' && path === undefined,
  );
  if (!isWanted) return undefined;
  const write = (text: string): void => {
    progress.erase();
    stdout.write(text);
  };
  const { columns } = stdout;
  return new TableReport(coloursFor(stdout, env), write, { columns, quiet });
}

function listRuns(runs: readonly PlannedRun[], { stdout }: Io): number {
  for (const { tested, orderName } of runs) {
    const name = nameInList(tested);
    stdout.write(`${orderName === '' ? name : `${name}  ${orderName}`}\n`);
  }
  return runs.length === 0 ? ExitCode.nothingRan : ExitCode.passed;
}

/** @throws {UsageError} the file cannot be read, or is not such a list. */
function knownFailures(
  file: string | undefined,
  runs: readonly PlannedRun[],
  { stderr }: Io,
): KnownFailures | undefined {
  if (file === undefined) return undefined;
  let known: KnownFailures;
  try {
    known = new KnownFailures(readText(file), file);
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    if (!(error instanceof KnownFailuresError) && !code) throw error;
    throw new UsageError(`--known-failing: ${message}`);
  }
  for (const line of known.unused(runs.map(({ tested }) => tested))) {
    stderr.write(`goodbyte: --known-failing: nothing that runs is ${line}\n`);
  }
  return known;
}
