import { runtimeName } from '../../src/runtime.js';
import { predecessors } from '../scenario/order.js';
import type {
  Case,
  Clause,
  Family,
  Level,
  Phase,
  Role,
  Scenario,
} from '../scenario/types.js';
import { phaseOf } from '../runner/verdict.js';
import type { KnownFailures } from '../runner/known-failures.js';
import type { RunResult, SuiteResult } from '../runner/result.js';
import type { Difference } from './compare.js';
import { summarize, type Summary } from './summary.js';

export const REPORT_FORMAT = 'goodbyte-conformance';
export const REPORT_VERSION = 1;

/** What a report says of a scenario, once for all its runs. */
export interface ScenarioDescription {
  title: string;
  level: Level;
  clause: Clause;
  steps: StepDescription[];
}

export interface StepDescription {
  id: string;
  agent: Role;
  call: string;
  phase: Phase;
  /** Ids of the steps that come before it in every forced order. */
  after: string[];
  clause?: Clause;
  note?: string;
}

/** A case that was known to fail, and did not. */
export interface UnexpectedPass {
  id: string;
  family: Family;
  /** Why it was known to fail. */
  reason: string;
}

/** A run, and why it may fail. */
export interface ReportedRun extends RunResult {
  knownFailure?: string;
}

/** What `--report json` prints; report.schema.json describes it. */
export interface JsonReport extends SuiteResult {
  format: typeof REPORT_FORMAT;
  version: typeof REPORT_VERSION;
  /** What the machine and the agents are called where reports are compared. */
  name: string;
  goodbyte: string;
  node: string;
  platform: string;
  arch: string;
  /** NON-STRICT counts as a failure too. */
  strict: boolean;
  /** The frozen list of cases that was run, if it was one. */
  caseList: number | null;
  summary: Summary;
  unexpectedPasses: UnexpectedPass[];
  /** Lines of the list of known failures that fit no case; only if `strict`. */
  staleKnownFailures?: string[];
  scenarios: Record<string, ScenarioDescription>;
  runs: ReportedRun[];
}

export const MERGED_FORMAT = 'goodbyte-conformance-merged';

/** Reports of several machines, or of several pairs of agents. */
export interface MergedReport {
  format: typeof MERGED_FORMAT;
  version: typeof REPORT_VERSION;
  goodbyte: string;
  reports: JsonReport[];
  /** Cases to which not all of them say the same. */
  differences: Difference[];
  /** Names of which there should have been a report. */
  absent?: string[];
}

export interface ReportContext {
  goodbyte: string;
  scenarios: readonly Scenario[];
  name?: string | undefined;
  strict?: boolean | undefined;
  caseList?: number | undefined;
  known?: KnownFailures | undefined;
  /** Every case that there is: what lines of `known` have to fit if `strict`. */
  cases?: readonly Case[] | undefined;
}

export function jsonReport(
  result: SuiteResult,
  context: ReportContext,
): JsonReport {
  const { goodbyte, scenarios, name, strict = false, caseList } = context;
  const { known, cases } = context;
  const runs = result.runs.map((run) => reported(run, known));
  const unexpectedPasses = known?.passed(runs, strict) ?? [];
  const stale = (strict && cases && known?.unused(cases)) || [];
  const ran = new Set(runs.map(({ scenario }) => scenario));
  return {
    format: REPORT_FORMAT,
    version: REPORT_VERSION,
    name: name ?? nameOf(result),
    goodbyte,
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    strict,
    caseList: caseList ?? null,
    summary: summarize(runs, {
      strict,
      unexpectedPasses,
      stale,
      broken: result.broken,
    }),
    unexpectedPasses,
    ...(stale.length > 0 && { staleKnownFailures: stale }),
    scenarios: Object.fromEntries(
      scenarios.filter(({ id }) => ran.has(id)).map(described),
    ),
    ...result,
    runs,
  };
}

/** A run, with the reason if it is known to fail. */
export function reported(
  run: RunResult,
  known: KnownFailures | undefined,
): ReportedRun {
  const reason = known?.reasonFor(run);
  return reason === undefined ? run : { ...run, knownFailure: reason };
}

function nameOf({ client, server }: SuiteResult): string {
  const machine = `${process.platform} ${process.arch}, ${runtimeName(process.versions)}`;
  const own = ['own process', 'in-process'];
  const pair = [client, server].map((agent) => agent?.description ?? 'none');
  return pair.every((agent) => own.includes(agent))
    ? machine
    : `${machine}: ${pair.join(' → ')}`;
}

function described(scenario: Scenario): [string, ScenarioDescription] {
  const { id, title, level, clause, steps } = scenario;
  const before = predecessors(steps);
  return [
    id,
    {
      title,
      level,
      clause,
      steps: steps.map((step, index) => ({
        id: step.id,
        agent: step.agent,
        call: step.call,
        phase: phaseOf(step),
        after: [...before[index]!].map((other) => steps[other]!.id),
        ...(step.clause && { clause: step.clause }),
        ...(step.note !== undefined && { note: step.note }),
      })),
    },
  ];
}
