import { CONNECTIONS } from '../echo/echo.js';
import { IN_FLIGHT } from '../exchange/exchanges.js';
import type { Child, Start } from './child.js';
import type { Contender } from './contender.js';
import { Floor } from './floor.js';
import type { Options } from './options.js';
import { attempt, type Outcome } from './outcome.js';
import type { Sample } from './work.js';
import { figuresOf, startWorker } from './worker.js';
import { warmUpOf, type SteadyWorkName } from './works.js';

/**
 * Lets contenders do the same work in turn, each in its own long-lived process:
 * A B C, A B C, … The first round is a warm-up.
 */
export async function raceSteadily(
  work: SteadyWorkName,
  contenders: readonly Contender[],
  { runs, seconds }: Options,
  start: Start | undefined,
  progress: (what: string) => void,
): Promise<Outcome[]> {
  const floor = new Floor();
  const children: Child[] = [];
  const racers: {
    outcome: Outcome;
    run: (seconds: number) => Promise<Sample>;
  }[] = [];
  try {
    for (const contender of contenders) {
      const outcome: Outcome = { contender, runs: [] };
      let run = (time: number) => runFloor(floor, contender, time);
      if (contender.variant !== 'floor') {
        await attempt(outcome, async () => {
          const child = await startWorker(contender, start);
          children.push(child);
          run = (time) => child.ask('run', time, time);
          return undefined;
        });
      }
      racers.push({ outcome, run: (time) => run(time) });
    }
    for (let round = 0; round <= runs; round++) {
      const time = round === 0 ? warmUpOf(work) * seconds : seconds;
      progress(round === 0 ? 'warming up' : `run ${round} of ${runs}`);
      for (const { outcome, run } of racers) {
        await attempt(outcome, async () => {
          const sample = await run(time);
          return round === 0 ? undefined : figuresOf(work, sample);
        });
      }
    }
  } finally {
    for (const child of children) child.stop();
    await floor.remove();
  }
  return racers.map(({ outcome }) => outcome);
}

function runFloor(
  floor: Floor,
  { work }: Contender,
  seconds: number,
): Promise<Sample> {
  return floor.run(work, seconds, work === 'echo' ? CONNECTIONS : IN_FLIGHT);
}
