// Exchanges, and tells what is left of them. Needs --expose-gc.
//
//   node flat.js <how many>
import {
  close,
  exchanges,
  openHandles,
  print,
  serve,
  untilOpen,
} from '../support/exchange.js';

const LANES = 8;
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

await run(count / 4);
const before = await measure();
await run(count);
const after = await measure();
await close(server);
await untilOpen(0);
print({
  arrayBuffers: after.arrayBuffers - before.arrayBuffers,
  external: after.external - before.external,
  heapUsed: after.heapUsed - before.heapUsed,
});
