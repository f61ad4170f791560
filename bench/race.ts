// How each work is measured: in processes that stay, or in new ones each time.
import { measureDrain } from './drain/run.js';
import { measureHeld } from './held/run.js';
import { measureImport } from './import/run.js';
import { measureMemory } from './memory/run.js';
import { measureStart } from './start/run.js';
import type { Contender, WorkName } from './support/contender.js';
import { raceFreshly } from './support/fresh.js';
import type { Network } from './support/network.js';
import type { Options } from './support/options.js';
import type { Figures, Outcome } from './support/outcome.js';
import { raceSteadily } from './support/steady.js';
import { workAfresh } from './support/worker.js';
import { isFlow, isFresh, isSteady } from './support/works.js';

/** Measures the contenders of a work, in turn. */
export function race(
  work: WorkName,
  contenders: readonly Contender[],
  options: Options,
  network: Network | undefined,
  progress: (what: string) => void,
): Promise<Outcome[]> {
  if (!isSteady(work)) {
    const measure = measures(options)[work];
    return raceFreshly(contenders, options.freshRuns, measure, progress);
  }
  const start = isFlow(work) ? network?.start : undefined;
  if (!isFresh(work)) {
    return raceSteadily(work, contenders, options, start, progress);
  }
  const measure = (contender: Contender) =>
    workAfresh(work, contender, options.seconds, start);
  return raceFreshly(contenders, options.freshRuns, measure, progress);
}

/** The works that are not repeated for a time. */
function measures({ seconds, connections, held, drained }: Options) {
  return {
    memory: (contender) => measureMemory(contender, connections),
    held: (contender) => measureHeld(contender, held, seconds),
    drain: (contender) => measureDrain(contender, drained),
    start: measureStart,
    import: measureImport,
  } satisfies Record<string, (contender: Contender) => Promise<Figures>>;
}
