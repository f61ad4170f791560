import { transfersSoFar } from './transfers.js';
import type { Sample, Work } from './work.js';

/** Keeps all lanes of a work busy for some seconds, then waits for the last. */
export async function measure(work: Work, seconds: number): Promise<Sample> {
  let operations = 0;
  const transfersBefore = transfersSoFar();
  const faultsBefore = process.resourceUsage().minorPageFault;
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  const deadline = began + seconds * 1000;
  await new Promise<void>((resolve, reject) => {
    let busy = work.lanes;
    const next = (lane: number) => {
      work.run(lane, (error) => {
        if (error) {
          reject(error);
          return;
        }
        operations++;
        if (performance.now() < deadline) next(lane);
        else if (--busy === 0) resolve();
      });
    };
    for (let lane = 0; lane < work.lanes; lane++) next(lane);
  });
  const elapsed = performance.now() - began;
  const { user, system } = process.cpuUsage(cpuBefore);
  const transfers = transfersSoFar();
  return {
    operations,
    seconds: elapsed / 1000,
    cpuMicroseconds: user + system,
    ...(transfers !== undefined &&
      transfersBefore !== undefined && {
        transfers: transfers - transfersBefore,
      }),
    ...(work.latency && { latency: work.latency() }),
    pageFaults: process.resourceUsage().minorPageFault - faultsBefore,
    resident: process.memoryUsage.rss(),
  };
}
