import type { RunResult, SuiteResult } from '../runner/result.js';
import type {
  Clause,
  Family,
  Level,
  Phase,
  Role,
  VerdictLevel,
} from '../scenario/types.js';

export const REPORT_FORMAT = 'goodbyte-conformance';
export const REPORT_VERSION = 1;

/** A scenario in a report, once for all its runs. */
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

/** The output of `--report json`; report.schema.json describes it. */
export interface JsonReport extends SuiteResult {
  format: typeof REPORT_FORMAT;
  version: typeof REPORT_VERSION;
  /** Names the machine and the agents where reports are compared. */
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
  /** Cases on which the reports differ. */
  differences: Difference[];
  /** Names of missing reports. */
  absent?: string[];
}

export type Summary = Record<VerdictLevel, number> & {
  runs: number;
  /** Runs that failed and were known to. */
  known: number;
  /** Runs that failed, cases that passed and were known to, and stale lines. */
  failures: number;
  /** Runs of the plan that were not run; absent if it came to its end. */
  notRun?: number;
};

/** Both verdicts of a case or of a run. */
export interface VerdictPair {
  data: VerdictLevel | null;
  teardown: VerdictLevel | null;
}

/** A case on which the reports differ. */
export interface Difference {
  id: string;
  family: Family;
  /** Each report's verdicts, in their order; `null` if it does not have the case. */
  verdicts: (VerdictPair | null)[];
}
