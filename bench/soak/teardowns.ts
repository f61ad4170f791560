// Tests contract row 11, many times: npm run soak -- --teardowns 10000
//
// Two processes. The closing side has unread octets from its peer when it says
// its last word and closes. Counts the last words that did not arrive.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { SOCKADDR } from '../../src/winsock/index.js';
import { hear } from './hearing-side.js';
import { media, type MediumName } from './media.js';
import type { Way } from './ways.js';

const IN_FLIGHT = 64;

/** @returns whether all last words arrived. */
export async function soakTeardowns(
  teardowns: number,
  chosenMedia: readonly MediumName[],
  chosenWays: readonly Way[],
): Promise<boolean> {
  let lostInAll = 0;
  for (const medium of chosenMedia) {
    for (const way of chosenWays) {
      const { lost, reasons, seconds } = await soak(teardowns, medium, way);
      lostInAll += lost;
      console.log(
        `${medium.padEnd(4)}  ${way.padEnd(12)}  teardowns: ${teardowns}  lost: ${lost}  (${seconds.toFixed(1)} s)`,
      );
      for (const [reason, count] of reasons)
        console.log(`  ${count} × ${reason}`);
    }
  }
  return lostInAll === 0;
}

async function soak(teardowns: number, medium: MediumName, way: Way) {
  const closingSide = fork(path.join(import.meta.dirname, 'closing-side.js'), [
    medium,
    way,
  ]);
  const [name] = (await once(closingSide, 'message')) as [SOCKADDR];
  const began = performance.now();
  const reasons = new Map<string, number>();
  let lost = 0;
  let started = 0;
  const lane = async () => {
    while (started < teardowns) {
      started++;
      const reason = await hear(media[medium], name, way);
      if (reason === undefined) continue;
      lost++;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  const seconds = (performance.now() - began) / 1000;
  closingSide.disconnect();
  await once(closingSide, 'exit');
  return { lost, reasons, seconds };
}
