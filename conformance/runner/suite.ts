import { planRuns, type PlanOptions } from './plan.js';
import type { RunResult, SuiteResult } from './result.js';
import { Stations, type StationsOptions } from './stations.js';

export interface SuiteOptions extends PlanOptions, StationsOptions {
  /** Told each result, in the order of the plan. */
  onrun?: ((run: RunResult) => void) | undefined;
  /** Told each result as it comes. */
  onresult?: ((run: RunResult) => void) | undefined;
}

/**
 * Runs scenarios with a client and a server, `jobs` runs side by side.
 *
 * @throws {AgentLost} an agent cannot be started.
 */
export async function runSuite(options: SuiteOptions): Promise<SuiteResult> {
  const started = performance.now();
  const { runs: planned, sampled } = planRuns(options);
  const stations = new Stations(options);
  const came: (RunResult | undefined)[] = planned.map(() => undefined);
  const runs: RunResult[] = [];
  let next = 0;
  let broken: Error | undefined;

  const keep = (at: number, run: RunResult): void => {
    came[at] = run;
    options.onresult?.(run);
    for (let ready = came[runs.length]; ready; ready = came[runs.length]) {
      runs.push(ready);
      options.onrun?.(ready);
    }
  };
  const work = async (): Promise<void> => {
    while (next < planned.length && !broken) {
      const at = next;
      next += 1;
      try {
        keep(at, await stations.run(planned[at]!));
      } catch (error) {
        // What fails after the first is a consequence: all agents end now.
        broken ??= error as Error;
        await stations.stop();
      }
    }
  };

  try {
    const jobs = Math.min(options.jobs ?? 1, planned.length);
    await Promise.all(Array.from({ length: jobs }, () => work()));
    if (broken) throw broken;
    return {
      client: stations.describe('client'),
      server: stations.describe('server'),
      runs,
      milliseconds: Math.round(performance.now() - started),
      seed: options.seed ?? 1,
      sampled,
    };
  } finally {
    await stations.stop();
  }
}
