// Worker threads that are stopped in the middle of a call of the addon, where
// JavaScript no longer runs.
//
//   node terminated.js <what the workers call>
import { createRequire } from 'node:module';
import {
  Worker,
  isMainThread,
  parentPort,
  workerData,
} from 'node:worker_threads';
import { STREAM, loadNative, type Native } from '../../../src/native.js';
import {
  exchange,
  close,
  print,
  serve,
  untilOpen,
} from '../support/exchange.js';

const WORKERS = 4;
/** Kept for the addon, which does not keep it alive. */
const memory = new Uint8Array(1024);

async function main(): Promise<void> {
  const { server, target } = await serve();
  for (let index = 0; index < WORKERS; index++) {
    await new Promise<void>((resolve) => {
      const worker = new Worker(new URL(import.meta.url), {
        workerData: process.argv[2],
      });
      worker.once('message', () => void worker.terminate());
      worker.once('exit', () => {
        resolve();
      });
    });
  }
  await exchange(target);
  await close(server);
  await untilOpen(0);
  print({ workers: WORKERS });
}

function work(what: string): void {
  const { native, path } = loadNative() as { native: Native; path: string };
  const call = {
    load() {
      const require = createRequire(import.meta.url);
      delete require.cache[path];
      require(path);
    },
    write() {
      native.writeKept(id, 0, pieces);
    },
    name() {
      native.localName(id);
      native.addressText();
    },
    listen() {
      native.close(
        native.listenTcp('::1', 0, 1, false, false, 1, STREAM, 1, false),
      );
    },
  }[what]!;
  native.start(memory, memory, memory, () => {});
  const pieces = Array.from({ length: 64 }, () => new Uint8Array(1));
  // While the loop does not turn, it accepts calls without acting.
  const id = native.connectTcp('127.0.0.1', 1, '', 0, 1, STREAM, 1);
  native.close(id);
  parentPort!.postMessage('ready', []);
  for (;;) call();
}

if (isMainThread) await main();
else work(workerData as string);
