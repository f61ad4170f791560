// Worker threads that use the engine, and end in every way with connections in every
// state, while the main thread continues its own.
//
//   node workers.js <way> <folder for pipes> <how many at a time>
import {
  Worker,
  isMainThread,
  parentPort,
  workerData,
} from 'node:worker_threads';
import {
  close,
  exchange,
  exchanges,
  openHandles,
  print,
  serve,
  untilOpen,
  type Target,
} from '../support/exchange.js';
import { openEveryState } from '../support/states.js';

type Way = 'run' | 'terminate' | 'exit' | 'exit in a listener' | 'throw';

interface Task {
  way: Way;
  folder: string;
  main: Target;
}

const ROUNDS = 2;

async function main(): Promise<void> {
  const [way, folder, workers] = process.argv.slice(2) as [Way, string, string];
  const { server, target } = await serve();
  await exchange(target);
  const before = openHandles();
  const task: Task = { way, folder, main: target };
  const codes: number[] = [];
  const errors = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const ended = Array.from({ length: Number(workers) }, async () => {
      const worker = new Worker(new URL(import.meta.url), { workerData: task });
      // Errors thrown on purpose are ignored.
      worker.on('error', (error) => errors.add(error.message));
      worker.on('message', () => void worker.terminate());
      codes.push(
        await new Promise((resolve) => {
          worker.on('exit', resolve);
        }),
      );
    });
    // While the workers run, and after they are gone.
    await exchanges(target, 10);
    await Promise.all(ended);
    await exchanges(target, 10);
  }
  // Connections from the workers end with them.
  await untilOpen(before);
  await close(server);
  await untilOpen(0);
  print({ codes, errors: [...errors] });
}

async function work({ way, folder, main }: Task): Promise<void> {
  const { server, target } = await serve();
  await Promise.all([
    exchanges(target, 10),
    exchanges(target, 10),
    exchanges(main, 10),
  ]);
  if (way === 'run') {
    await close(server);
    await untilOpen(0);
    return;
  }
  const last = await openEveryState(folder);
  switch (way) {
    case 'exit in a listener':
    case 'throw':
      server.on('connection', () => {
        if (way === 'throw') throw new Error('of a listener');
        process.exit(7);
      });
      last();
      await exchange(target);
      return;
    case 'exit':
      last();
      // Connections dialed in the next tick are under way.
      process.nextTick(() => {
        process.nextTick(() => process.exit(7));
      });
      return;
    case 'terminate':
      last();
      parentPort!.postMessage('ready', []);
  }
}

await (isMainThread ? main() : work(workerData as Task));
