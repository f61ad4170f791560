// Exchanges in rounds, and tells what is left of a round. Needs --expose-gc.
// Once, V8 takes memory for code that has become hot, in whatever round that
// is; what connections leave behind grows in each: the median tells them apart.
//
//   node flat.js <how many a round>
import { figureOf } from '../../../bench/support/statistics.js';
import {
  close,
  exchanges,
  openHandles,
  print,
  serve,
  untilOpen,
} from '../support/exchange.js';

const LANES = 8;
const ROUNDS = 5;
const count = Number(process.argv[2]);
const { server, target } = await serve();
const listening = openHandles();

async function run(total: number): Promise<void> {
  await Promise.all(
    Array.from({ length: LANES }, () => exchanges(target, total / LANES)),
  );
  await untilOpen(listening);
}

/** What is unreachable is freed in the background, and counted until then. */
async function measure(): Promise<NodeJS.MemoryUsage> {
  for (let turn = 0; turn < 10; turn++) {
    gc!();
    await new Promise(setImmediate);
  }
  return process.memoryUsage();
}

await run(count);
const rounds: NodeJS.MemoryUsage[] = [await measure()];
for (let round = 0; round < ROUNDS; round++) {
  await run(count);
  rounds.push(await measure());
}
await close(server);
await untilOpen(0);

function growth(of: 'arrayBuffers' | 'external' | 'heapUsed'): number {
  const each = rounds.slice(1).map((after, i) => after[of] - rounds[i]![of]);
  return figureOf(each).median;
}
print({
  arrayBuffers: growth('arrayBuffers'),
  external: growth('external'),
  heapUsed: growth('heapUsed'),
});
