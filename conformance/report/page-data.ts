import { caseName, runName } from '../scenario/expand.js';
import type { TranscriptEntry } from '../runner/transcript.js';
import { isFailure } from '../runner/verdict.js';
import { differences } from './compare.js';
import type { JsonReport, ReportedRun } from './types.js';

/**
 * The page's data, without repetition: values that all runs of a case share
 * stand with the case, and events name steps by number.
 */
export interface PageData {
  reports: PageReport[];
  /** Names of missing reports. */
  absent?: readonly string[];
  cases: PageCase[];
  /** The sentences that are checked, by number. */
  clauses: { source: string; section: string; sentence: string }[];
}

interface PageReport {
  name: string;
  /** Options that bring back its agents: ` --client '…'`, or nothing. */
  agents: string;
  facts: [string, string][];
  strict: boolean;
  milliseconds: number;
  unexpectedPasses: { case: string; reason: string }[];
  stale?: string[];
  broken?: { why: string; notRun: string[] };
}

interface PageCase {
  name: string;
  scenario: string;
  title: string;
  level: string;
  family: string;
  socketType: string;
  clause: number;
  differs: boolean;
  steps: PageStep[];
  /** By report. */
  runs: PageRun[][];
}

interface PageStep {
  id: string;
  agent: string;
  call: string;
  phase: string;
  with?: Record<string, unknown>;
  after?: number[];
  clause?: number;
  note?: string;
}

interface PageRun {
  order: string;
  mode: string;
  repetition?: number;
  data: string | null;
  teardown: string | null;
  failed?: true;
  ms: number;
  known?: string;
  findings?: PageFinding[];
  warnings?: string[];
  events: PageEvent[];
}

interface PageFinding {
  verdict: string;
  step: string;
  agent: string;
  clause: number;
  /** The clause is not broken, only the check. */
  checks?: true;
  expected: string;
  got: string;
  why?: string;
}

/** Time, kind, the number of the step (or of the agent), and the result. */
type PageEvent =
  | [number, 'step', number]
  | [number, 'result', number, Record<string, unknown>]
  | [number, 'unsupported' | 'lost', number, string]
  | [number, 'indication', string, string, string, string | null];

export function pageData(
  reports: readonly JsonReport[],
  absent: readonly string[] = [],
): PageData {
  const clauses = new Numbered<PageData['clauses'][number]>();
  const differing = new Set(differences(reports).map(caseName));
  const cases = new Map<string, PageCase>();
  reports.forEach((report, index) => {
    for (const run of report.runs) {
      const name = caseName(run);
      const found = cases.get(name) ?? pageCase(report, run, reports, clauses);
      found.differs = differing.has(name);
      cases.set(name, found);
      learnGiven(found.steps, run.transcript);
      found.runs[index]!.push(pageRun(run, report, found.steps, clauses));
    }
  });
  return {
    reports: reports.map(pageReport),
    ...(absent.length > 0 && { absent }),
    cases: [...cases.values()],
    clauses: clauses.all,
  };
}

/** Values referred to by number. */
class Numbered<T> {
  readonly all: T[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(value: T): number {
    const key = JSON.stringify(value);
    const known = this.#numbers.get(key) ?? this.all.push(value) - 1;
    this.#numbers.set(key, known);
    return known;
  }
}

type Clauses = Numbered<PageData['clauses'][number]>;

function pageReport(report: JsonReport): PageReport {
  const { client, server } = report;
  const agent = (of: typeof client): string =>
    of ? `${of.agent} on ${of.system}, provider ${of.provider}` : 'none';
  return {
    name: report.name,
    agents: agentOptions(report),
    facts: [
      ['Machine', `${report.platform} ${report.arch}, Node ${report.node}`],
      ['Suite', `goodbyte ${report.goodbyte}`],
      ['Client', `${client?.description ?? 'none'}: ${agent(client)}`],
      ['Server', `${server?.description ?? 'none'}: ${agent(server)}`],
      ...(report.caseList === null
        ? []
        : [['Case list', String(report.caseList)] as [string, string]]),
    ],
    strict: report.strict,
    milliseconds: report.milliseconds,
    unexpectedPasses: report.unexpectedPasses.map((pass) => ({
      case: caseName(pass),
      reason: pass.reason,
    })),
    ...(report.staleKnownFailures && { stale: report.staleKnownFailures }),
    ...(report.broken && {
      broken: {
        why: report.broken.why,
        notRun: report.broken.notRun.map(runName),
      },
    }),
  };
}

/** Our own agents need no option. */
const OWN = ['own process', 'in-process'];

function agentOptions({ client, server }: JsonReport): string {
  return Object.entries({ client, server })
    .filter(([, agent]) => agent && !OWN.includes(agent.description))
    .map(([role, agent]) => ` --${role} ${quoted(agent!.description)}`)
    .join('');
}

/** For a shell of Unix. */
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

function pageCase(
  { scenarios }: JsonReport,
  run: ReportedRun,
  reports: readonly JsonReport[],
  clauses: Clauses,
): PageCase {
  const { clause, steps } = scenarios[run.scenario]!;
  const numberOf = (id: string): number =>
    steps.findIndex((step) => step.id === id);
  return {
    name: caseName(run),
    scenario: run.scenario,
    title: run.title,
    level: run.level,
    family: run.family,
    socketType: run.socketType,
    clause: clauses.numberOf(clause),
    differs: false,
    steps: steps.map((step) => ({
      id: step.id,
      agent: step.agent,
      call: step.call,
      phase: step.phase,
      ...(step.after.length > 0 && { after: step.after.map(numberOf) }),
      ...(step.clause && { clause: clauses.numberOf(step.clause) }),
      ...(step.note !== undefined && { note: step.note }),
    })),
    runs: reports.map(() => []),
  };
}

/** A run has its calls' arguments, which are the same in all runs of a case. */
function learnGiven(
  steps: readonly PageStep[],
  transcript: readonly TranscriptEntry[],
): void {
  for (const entry of transcript) {
    if (entry.kind !== 'step' || !entry.with) continue;
    const step = steps.find(({ id }) => id === entry.step);
    if (step) step.with ??= entry.with;
  }
}

function pageRun(
  run: ReportedRun,
  { strict }: JsonReport,
  steps: readonly PageStep[],
  clauses: Clauses,
): PageRun {
  const { order, mode, repetition, data, teardown, milliseconds: ms } = run;
  return {
    order,
    mode,
    ...(repetition > 1 && { repetition }),
    data,
    teardown,
    ms,
    ...(isFailure(run.verdict, strict) && { failed: true }),
    ...(run.knownFailure !== undefined && { known: run.knownFailure }),
    ...(run.findings.length > 0 && {
      findings: run.findings.map(({ clause, expected, got, ...finding }) => ({
        verdict: finding.verdict,
        step: finding.step,
        agent: finding.agent,
        clause: clauses.numberOf(clause),
        ...(finding.clauseOf && { checks: true as const }),
        expected,
        got,
        ...(finding.why !== undefined && { why: finding.why }),
      })),
    }),
    ...(run.warnings.length > 0 && { warnings: run.warnings }),
    events: run.transcript.map((entry) => pageEvent(entry, steps)),
  };
}

function pageEvent(
  entry: TranscriptEntry,
  steps: readonly PageStep[],
): PageEvent {
  // The page shows tenths.
  const at = Math.round(entry.at * 10) / 10;
  if (entry.kind === 'indication') {
    const { agent, socket, event, error } = entry;
    return [at, 'indication', agent, socket, event, error];
  }
  const step = steps.findIndex(({ id }) => id === entry.step);
  switch (entry.kind) {
    case 'step':
      return [at, 'step', step];
    case 'result':
      return [at, 'result', step, { ...entry.result }];
    case 'unsupported':
      return [at, 'unsupported', step, entry.what];
    case 'lost':
    default:
      return [at, 'lost', step, entry.why];
  }
}
