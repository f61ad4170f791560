// Exchanges in rounds, and reports the memory that a round leaves. Needs --expose-gc.
// V8 takes memory once for code that has become hot, in any round; leftovers of
// connections grow in each. So rounds continue until one leaves no more than this many octets on
// the heap, up to a maximum.
//
//   node flat.js <how many a round> <octets>
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
const [count = 0, octets = 0] = process.argv.slice(2).map(Number);
const { server, target } = await serve();
const listening = openHandles();

async function run(total: number): Promise<void> {
  await Promise.all(
    Array.from({ length: LANES }, () => exchanges(target, total / LANES)),
  );
  await untilOpen(listening);
}

/** Unreachable memory is freed in the background, and counts until then. */
async function measure(): Promise<NodeJS.MemoryUsage> {
  for (let turn = 0; turn < 10; turn++) {
    gc!();
    await new Promise(setImmediate);
  }
  return process.memoryUsage();
}

await run(count);
let before = await measure();
let growth;
for (let round = 0; round < ROUNDS; round++) {
  await run(count);
  const after = await measure();
  growth = {
    arrayBuffers: after.arrayBuffers - before.arrayBuffers,
    external: after.external - before.external,
    heapUsed: after.heapUsed - before.heapUsed,
  };
  if (growth.heapUsed <= octets) break;
  before = after;
}
await close(server);
await untilOpen(0);
print(growth);
