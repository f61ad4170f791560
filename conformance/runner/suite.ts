import { planRuns, type PlannedRun, type PlanOptions } from './plan.js';
import type { RunName, RunResult, SuiteResult } from './result.js';
import { Stations, type StationsOptions } from './stations.js';

export interface SuiteOptions extends PlanOptions, StationsOptions {
  /** Called with each result, in the order of the plan. */
  onrun?: ((run: RunResult) => void) | undefined;
  /** Called with each result at once. */
  onresult?: ((run: RunResult) => void) | undefined;
  /** Aborts the suite; its reason is the cause of the error. */
  signal?: AbortSignal | undefined;
}

/** The suite ended before its last run. */
export class SuiteBroken extends Error {
  override readonly name = 'SuiteBroken';
  /** The finished runs; `broken` names the others. */
  readonly result: SuiteResult;

  constructor(cause: Error, result: SuiteResult) {
    super(cause.message, { cause });
    this.result = result;
  }
}

/**
 * Runs scenarios with a client and a server, `jobs` runs side by side.
 *
 * @throws {SuiteBroken} an agent cannot be started (the cause is an AgentLost),
 *  the signal is aborted, or the harness has a bug. Runs that were under way
 *  then count as not run.
 */
export async function runSuite(options: SuiteOptions): Promise<SuiteResult> {
  const { signal } = options;
  const started = performance.now();
  const { runs: planned, sampled } = planRuns(options);
  const stations = new Stations(options);
  const came: (RunResult | undefined)[] = planned.map(() => undefined);
  let told = 0;
  let next = 0;
  /** The cause that aborted the suite, once there is one. */
  const end: { cause?: Error } = {};

  /** Reports results in the order of the plan, up to the first missing one. */
  const tell = (): void => {
    for (; told < came.length && (came[told] || end.cause); told += 1) {
      const run = came[told];
      if (run) options.onrun?.(run);
    }
  };
  const work = async (): Promise<void> => {
    while (next < planned.length && !end.cause) {
      const at = next;
      next += 1;
      const run = await stations.run(planned[at]!);
      // A run that ends after the suite was aborted ended because of that.
      if (end.cause) return;
      came[at] = run;
      options.onresult?.(run);
      tell();
    }
  };
  const aborted = new Promise<never>((_, reject) => {
    const onabort = (): void => reject(signal!.reason as Error);
    if (signal?.aborted) onabort();
    else signal?.addEventListener('abort', onabort, { once: true });
  });

  try {
    const jobs = Math.min(options.jobs ?? 1, planned.length);
    const lanes = Array.from({ length: jobs }, () => work());
    await Promise.race([Promise.all(lanes), aborted]);
  } catch (error) {
    end.cause = error as Error;
  } finally {
    await stations.stop().catch((error: Error) => {
      end.cause ??= error;
    });
  }
  const result: SuiteResult = {
    client: stations.describe('client'),
    server: stations.describe('server'),
    runs: came.filter((run) => run !== undefined),
    milliseconds: Math.round(performance.now() - started),
    seed: options.seed ?? 1,
    sampled,
  };
  if (!end.cause) return result;
  tell();
  const notRun = planned.filter((_, at) => !came[at]).map(nameOf);
  throw new SuiteBroken(end.cause, {
    ...result,
    broken: { why: end.cause.message, notRun },
  });
}

function nameOf({ tested, orderName, repetition }: PlannedRun): RunName {
  const { name: id, family } = tested;
  return { id, family, order: orderName, repetition };
}
