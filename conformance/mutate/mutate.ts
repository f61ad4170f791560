import { fileURLToPath } from 'node:url';
import { inProcessAgent, type AgentSource } from '../runner/agent-source.js';
import { childAgent } from '../runner/child-agent.js';
import type { RunResult } from '../runner/result.js';
import { sideBySide } from '../runner/side-by-side.js';
import { runSuite } from '../runner/suite.js';
import { loadScenarios, matchesGlob } from '../scenario/load.js';
import { representativesOf } from '../scenario/representatives.js';
import type { Scenario } from '../scenario/types.js';
import { findFault, loadCatches, type Culprit } from '../wrong-agents/index.js';
import { mutants } from './mutants.js';

export interface MutateOptions {
  /** Ids of scenarios, or globs; all if absent. */
  scenarios?: readonly string[] | undefined;
  /** Number of mutants tried side by side. */
  jobs: number;
}

/** A wrong agent at one scenario. */
export interface FaultTried {
  scenario: string;
  culprit: string;
  caught: boolean;
}

/** A mistake in the library. */
export interface MutantTried {
  mutant: string;
  what: string;
  /** The scenarios that were run, and those of them that failed. */
  ran: string[];
  caughtBy: string[];
  /** The reason that no scenario can catch it. */
  excuse: string | undefined;
}

export interface MutateResult {
  faults: FaultTried[];
  mutants: MutantTried[];
  /** Scenarios that failed with no wrong agent. */
  unfailing: string[];
  /**
   * Mutants that no scenario caught, without a reason; or caught despite one.
   */
  unnoticed: string[];
  /** Scenarios that fail with right agents, which proves nothing. */
  failingAnyway: string[];
  milliseconds: number;
}

/**
 * Milliseconds for a step, on top of the time of right agents for the whole
 * scenario. A wrong agent may never answer, and its run then lasts that long.
 */
const LIMIT = 1000;

/** Runs each scenario's wrong agents, and each mutant of the library. */
export async function mutate(options: MutateOptions): Promise<MutateResult> {
  const { jobs, scenarios: globs = ['*'] } = options;
  const started = performance.now();
  const all = loadScenarios();
  const scenarios = all.filter(({ id }) =>
    globs.some((glob) => matchesGlob(id, glob)),
  );
  const catches = loadCatches();
  const pairs = scenarios.flatMap((scenario) =>
    (catches.get(scenario.id) ?? []).map((culprit) => ({ scenario, culprit })),
  );
  const faults: FaultTried[] = [];
  const tried: MutantTried[] = [];
  const right = await run(
    scenarios,
    mutatedAgent(),
    mutatedAgent(),
    10 * LIMIT,
  );
  const failingAnyway = failingIn(right);
  const limitFor = (chosen: readonly Scenario[]): number => {
    const took = right
      .filter(({ scenario }) => chosen.some(({ id }) => id === scenario))
      .map(({ milliseconds }) => milliseconds);
    return LIMIT + Math.max(0, ...took);
  };
  await sideBySide(pairs, 4 * jobs, async ({ scenario, culprit }) => {
    const runs = await run(
      [scenario],
      faultyAgent('client', culprit),
      faultyAgent('server', culprit),
      limitFor([scenario]),
    );
    faults.push({
      scenario: scenario.id,
      culprit: `${culprit.role}:${culprit.fault}`,
      caught: failingIn(runs).length > 0,
    });
  });
  await sideBySide(Object.entries(mutants), jobs, async ([name, mutant]) => {
    const chosen = all.filter(({ id }) => matchesGlob(id, mutant.by));
    // Some of its scenarios prove nothing.
    if (!chosen.every((scenario) => scenarios.includes(scenario))) return;
    const runs = await run(
      chosen,
      mutatedAgent(name),
      mutatedAgent(name),
      limitFor(chosen),
    );
    tried.push({
      mutant: name,
      what: mutant.what,
      ran: chosen.map(({ id }) => id),
      caughtBy: failingIn(runs),
      excuse: mutant.unnoticed,
    });
  });
  const failed = new Set(
    faults.filter(({ caught }) => caught).map(({ scenario }) => scenario),
  );
  return {
    faults: faults.toSorted((a, b) => (a.scenario < b.scenario ? -1 : 1)),
    mutants: tried.toSorted((a, b) => (a.mutant < b.mutant ? -1 : 1)),
    unfailing: scenarios.map(({ id }) => id).filter((id) => !failed.has(id)),
    unnoticed: tried
      .filter(
        ({ caughtBy, excuse }) =>
          (caughtBy.length === 0) !== (excuse !== undefined),
      )
      .map(({ mutant }) => mutant),
    failingAnyway,
    milliseconds: Math.round(performance.now() - started),
  };
}

/**
 * One order of the representative cases is enough: a wrong agent is wrong in
 * every order.
 */
async function run(
  scenarios: readonly Scenario[],
  client: AgentSource,
  server: AgentSource,
  timeout: number,
): Promise<RunResult[]> {
  const names = new Set(
    scenarios.flatMap((one) => representativesOf(one).map(({ name }) => name)),
  );
  const { runs } = await runSuite({
    scenarios,
    client,
    server,
    timeout,
    only: ({ name }) => names.has(name),
    maxOrders: 1,
  });
  return runs;
}

function faultyAgent(role: Culprit['role'], culprit: Culprit): AgentSource {
  return inProcessAgent(
    culprit.role === role ? (findFault(culprit.fault) ?? {}) : {},
  );
}

/** In its own process: its library is patched permanently. */
function mutatedAgent(mutant?: string): AgentSource {
  const program = fileURLToPath(new URL('agent.js', import.meta.url));
  const named = mutant === undefined ? [] : [mutant];
  return childAgent([process.execPath, program, ...named]);
}

/** Scenarios with a forced run that failed. */
function failingIn(runs: readonly RunResult[]): string[] {
  const failed = runs.filter(
    ({ mode, verdict, level }) =>
      mode === 'forced' &&
      (verdict === 'FAILED' ||
        (verdict === 'NON-STRICT' && level === 'SHOULD')),
  );
  return [...new Set(failed.map(({ id }) => id.replace(/\[.*/, '')))];
}
