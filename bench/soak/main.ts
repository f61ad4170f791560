// Contract row 11, often: npm run soak -- --teardowns 10000
//
// Two processes. The closing side has octets of the other unread when it says
// its last word and closes. Counts the last words that were not heard.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { SOCKADDR } from '../../src/winsock/index.js';
import { hear } from './hearing-side.js';
import { media, type MediumName } from './media.js';
import { ways, waysAndControl, type Way } from './ways.js';

const IN_FLIGHT = 64;

const { values } = parseArgs({
  options: {
    teardowns: { type: 'string', default: '1000' },
    medium: { type: 'string', multiple: true },
    way: { type: 'string', multiple: true },
  },
});
const teardowns = Number(values.teardowns);
const chosenMedia = choose('medium', Object.keys(media), values.medium);
const chosenWays = choose('way', waysAndControl, values.way ?? [...ways]);
if (!Number.isSafeInteger(teardowns) || teardowns < 1) {
  usage(`--teardowns takes a whole number from 1, not "${values.teardowns}"`);
}

let lostInAll = 0;
for (const medium of chosenMedia as MediumName[]) {
  for (const way of chosenWays as Way[]) {
    const { lost, reasons, seconds } = await soak(medium, way);
    lostInAll += lost;
    console.log(
      `${medium.padEnd(4)}  ${way.padEnd(12)}  teardowns: ${teardowns}  lost: ${lost}  (${seconds.toFixed(1)} s)`,
    );
    for (const [reason, count] of reasons)
      console.log(`  ${count} × ${reason}`);
  }
}
process.exitCode = lostInAll === 0 ? 0 : 1;

async function soak(medium: MediumName, way: Way) {
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

function choose(
  option: string,
  known: readonly string[],
  wanted: string[] | undefined,
): readonly string[] {
  for (const name of wanted ?? []) {
    if (!known.includes(name)) {
      usage(
        `there is no --${option} "${name}"; take one of: ${known.join(', ')}`,
      );
    }
  }
  return wanted ?? known;
}

function usage(problem: string): never {
  console.error(problem);
  process.exit(2);
}
