import { Child, type Start } from './child.js';
import type { Contender } from './contender.js';
import type { Figures } from './outcome.js';
import type { Sample } from './work.js';
import { unitOf, type SteadyWorkName } from './works.js';

/** A process that does one work for as long as it is asked to. */
export function startWorker(
  { work, variant, transport, build }: Contender,
  start?: Start,
): Promise<Child> {
  return Child.start(
    'support/steady-process.js',
    [work, variant],
    transport,
    start,
    build,
  );
}

/** Does one work in a new process. */
export async function workAfresh(
  work: SteadyWorkName,
  contender: Contender,
  seconds: number,
  start: Start | undefined,
): Promise<Figures> {
  const child = await startWorker(contender, start);
  try {
    await child.ask('run', seconds, seconds);
    return figuresOf(work, await child.ask<Sample>('run', seconds, seconds));
  } finally {
    child.stop();
  }
}

export function figuresOf(work: SteadyWorkName, sample: Sample): Figures {
  const { operations, seconds, cpuMicroseconds } = sample;
  if (operations === 0) throw new Error(`${work} did nothing`);
  const { inOperation = 1 } = unitOf(work);
  const units = operations * inOperation;
  const figures: Figures = {
    rate: units / seconds,
    cpu: cpuMicroseconds / units,
  };
  const { latency, transfers, pageFaults, resident } = sample;
  if (latency !== undefined) figures['latency'] = latency;
  if (transfers !== undefined) figures['reads and writes'] = transfers / units;
  if (pageFaults !== undefined) figures['page faults'] = pageFaults / units;
  if (resident !== undefined) figures['resident MiB'] = resident / 2 ** 20;
  return figures;
}
