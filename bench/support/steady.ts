import { CONNECTIONS } from '../echo/echo.js';
import { IN_FLIGHT } from '../exchange/exchanges.js';
import { OPERATION } from '../one-way/one-way.js';
import { Child } from './child.js';
import { nameOf, type Contender } from './contender.js';
import { Floor } from './floor.js';
import type { Options } from './options.js';
import { attempt, type Figures, type Outcome } from './outcome.js';
import type { Sample } from './work.js';

/**
 * How much longer the first round takes, which does not count. If it is short,
 * the time for compiling a larger program passes for the time to run it.
 */
const WARM_UP = 3;

/**
 * Lets contenders do the same work in turn, each in its own long-lived process:
 * A B C, A B C, … The first round is a warm-up.
 */
export async function raceSteadily(
  contenders: readonly Contender[],
  { runs, seconds }: Options,
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
          const child = await start(contender);
          children.push(child);
          run = (time) => child.ask('run', time, time);
          return undefined;
        });
      }
      racers.push({ outcome, run: (time) => run(time) });
    }
    for (let round = 0; round <= runs; round++) {
      const time = round === 0 ? WARM_UP * seconds : seconds;
      progress(round === 0 ? 'warming up' : `run ${round} of ${runs}`);
      for (const { outcome, run } of racers) {
        await attempt(outcome, async () => {
          const sample = await run(time);
          return round === 0 ? undefined : figuresOf(outcome.contender, sample);
        });
      }
    }
  } finally {
    for (const child of children) child.stop();
    await floor.remove();
  }
  return racers.map(({ outcome }) => outcome);
}

function start(contender: Contender): Promise<Child> {
  const { work, variant, transport, build } = contender;
  return Child.start(
    'support/steady-process.js',
    [work, variant],
    transport,
    undefined,
    build,
  );
}

function runFloor(
  floor: Floor,
  { work }: Contender,
  seconds: number,
): Promise<Sample> {
  return floor.run(work, seconds, work === 'echo' ? CONNECTIONS : IN_FLIGHT);
}

function figuresOf(contender: Contender, sample: Sample): Figures {
  const { operations, seconds, cpuMicroseconds } = sample;
  if (operations === 0) throw new Error(`${nameOf(contender)} did nothing`);
  const units =
    contender.work === 'one-way'
      ? (operations * OPERATION) / 2 ** 20
      : operations;
  const figures: Figures = {
    rate: units / seconds,
    cpu: cpuMicroseconds / units,
  };
  const { transfers, pageFaults, resident } = sample;
  if (transfers !== undefined) figures['reads and writes'] = transfers / units;
  if (pageFaults !== undefined) figures['page faults'] = pageFaults / units;
  if (resident !== undefined) figures['resident MiB'] = resident / 2 ** 20;
  return figures;
}
