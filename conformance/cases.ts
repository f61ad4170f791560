import { describeFinding, plain } from './report/text.js';
import { inCaseList, loadCaseList } from './scenario/case-list.js';
import { allFamilies, runName } from './scenario/expand.js';
import { loadScenarios } from './scenario/load.js';
import { fitsGlobs } from './scenario/select.js';
import type { Level } from './scenario/types.js';
import { planRuns, type PlannedRun, type PlanOptions } from './runner/plan.js';
import type { RunResult } from './runner/result.js';
import { Stations, type StationsOptions } from './runner/stations.js';
import { isFailure } from './runner/verdict.js';

export interface ConformanceOptions
  extends StationsOptions, Omit<Partial<PlanOptions>, 'only'> {
  /**
   * Globs for ids of scenarios or cases; one that begins with `!` leaves out.
   * All cases if absent.
   */
  only?: readonly string[] | undefined;
  /** A frozen list: exactly its cases, restricted by `only`. */
  caseList?: number | undefined;
  /** NON-STRICT is a failure too. */
  strict?: boolean | undefined;
}

/** A run as a test for a test runner. */
export interface ConformanceCase {
  /** The case, its family if that is not IPv4, and the order of its steps. */
  readonly name: string;
  readonly level: Level;
  /**
   * Runs it, once one of the `jobs` stations is free.
   *
   * @throws {ConformanceError} a clause is broken.
   * @throws {AgentLost} an agent cannot be started.
   */
  run(): Promise<RunResult>;
}

/** Every run, in the order of the plan. */
export interface ConformanceCases extends Iterable<ConformanceCase> {
  readonly length: number;
  /** Ends the agents, after the last run. */
  close(): Promise<void>;
}

/** A run failed: the clause, the expected and the received. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
  readonly run: RunResult;

  constructor(run: RunResult) {
    super(
      [
        run.title,
        ...run.findings.map(describeFinding),
        ...run.warnings.map(plain),
      ].join('\n\n'),
    );
    this.run = run;
  }
}

/**
 * The suite for a test runner: `for (const { name, run } of conformanceCases(…))
 * test(name, run)`, and `close()` after all of them.
 *
 * @throws {RangeError} nothing fits `only`.
 */
export function conformanceCases(
  options: ConformanceOptions,
): ConformanceCases {
  const { scenarios = loadScenarios(), only = [], caseList, strict } = options;
  const globbed = fitsGlobs(only);
  const listed =
    caseList === undefined
      ? () => true
      : inCaseList(loadCaseList(caseList), scenarios);
  const { runs } = planRuns({
    ...options,
    scenarios,
    families:
      options.families ?? (caseList === undefined ? undefined : allFamilies),
    only: (tested) => globbed(tested) && listed(tested),
  });
  if (runs.length === 0) {
    throw new RangeError(`no case fits ${only.join(', ') || 'the options'}`);
  }
  const stations = new Stations(options);
  const cases = runs.map((planned) => caseOf(planned, stations, strict));
  return {
    length: cases.length,
    [Symbol.iterator]: () => cases[Symbol.iterator](),
    close: () => stations.stop(),
  };
}

function caseOf(
  planned: PlannedRun,
  stations: Stations,
  strict = false,
): ConformanceCase {
  const { tested, orderName: order, repetition } = planned;
  return {
    name: runName({
      id: tested.name,
      family: tested.family,
      order,
      repetition,
    }),
    level: tested.scenario.level,
    async run() {
      const run = await stations.run(planned);
      if (isFailure(run.verdict, strict)) throw new ConformanceError(run);
      return run;
    },
  };
}
