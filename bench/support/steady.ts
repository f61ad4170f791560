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

type Run = (seconds: number) => Promise<Sample>;

/**
 * Lets contenders do the same work in turn, each in its own long-lived process:
 * A B C, A B C, … Each is warmed up as soon as it has started: one that waits
 * for the others' warm-up stays up to 6 % slower, for a reason not known.
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
  const racers: { outcome: Outcome; run: Run }[] = [];
  try {
    progress('warming up');
    for (const contender of contenders) {
      const outcome: Outcome = { contender, runs: [] };
      let run: Run = (time) => runFloor(floor, contender, time);
      await attempt(outcome, async () => {
        if (contender.variant !== 'floor') {
          const child = await startWorker(contender, start);
          children.push(child);
          run = (time) => child.ask('run', time, time);
        }
        await run(warmUpOf(work) * seconds);
        return undefined;
      });
      racers.push({ outcome, run });
    }
    for (let round = 1; round <= runs; round++) {
      progress(`run ${round} of ${runs}`);
      for (const { outcome, run } of racers) {
        await attempt(outcome, async () => figuresOf(work, await run(seconds)));
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
