import { runtimeName } from '../../src/runtime.js';
import { predecessors } from '../scenario/order.js';
import type { Case, Scenario } from '../scenario/types.js';
import { phaseOf } from '../runner/verdict.js';
import type { KnownFailures } from '../runner/known-failures.js';
import type { RunResult, SuiteResult } from '../runner/result.js';
import { summarize } from './summary.js';
import {
  REPORT_FORMAT,
  REPORT_VERSION,
  type JsonReport,
  type ReportedRun,
  type ScenarioDescription,
} from './types.js';

export interface ReportContext {
  goodbyte: string;
  scenarios: readonly Scenario[];
  name?: string | undefined;
  strict?: boolean | undefined;
  caseList?: number | undefined;
  known?: KnownFailures | undefined;
  /** Every case: lines of `known` have to match one if `strict`. */
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
