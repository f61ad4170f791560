import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { accept, createServer, reject, type Socket } from 'goodbyte';

export interface Job {
  readonly id: number;
  readonly text: string;
}

/** A worker's message: a job that it has done. */
export interface Done {
  readonly id: number;
  readonly result: string;
}

export interface Work {
  readonly port: number;
  /** The result of each job; resolves when all are done. */
  readonly results: Promise<ReadonlyMap<number, string>>;
  readonly counts: Readonly<{ handedBack: number; lost: number }>;
}

/** Jobs that a worker may hold at a time. */
const WINDOW = 4;

/**
 * Hands out jobs to workers, each as a message. A worker that leaves names its
 * unfinished jobs in its last word: another worker does them, and none is done twice.
 * The jobs of a worker that is cut off may have been done; they are repeated here, and
 * your queue has to decide whether that is safe.
 */
export async function serveJobs(jobs: readonly Job[]): Promise<Work> {
  const waiting = [...jobs];
  const results = new Map<number, string>();
  const counts = { handedBack: 0, lost: 0 };
  const fills = new Set<() => void>();

  const server = createServer(
    {
      socketType: 'message',
      condition: ({ callerData }) =>
        String(callerData).startsWith('worker ')
          ? accept({ calleeData: JSON.stringify({ window: WINDOW }) })
          : reject('workers only'),
    },
    serve,
  );

  const finished = new Promise<ReadonlyMap<number, string>>((resolve) => {
    server.once('close', () => resolve(results));
  });

  function serve(socket: Socket): void {
    const held = new Map<number, Job>();
    const fill = (): void => {
      while (held.size < WINDOW && waiting.length > 0 && socket.writable) {
        const job = waiting.shift()!;
        held.set(job.id, job);
        socket.write(JSON.stringify(job));
      }
    };
    /** Puts its jobs back, for other workers. */
    const release = (): void => {
      fills.delete(fill);
      waiting.unshift(...held.values());
      held.clear();
      for (const other of fills) other();
    };
    fills.add(fill);
    socket.on('data', (message: Buffer) => {
      const answer = parse(message);
      if (!answer || !held.delete(answer.id)) {
        socket.destroy(new Error('not an answer to one of its jobs'));
        return;
      }
      results.set(answer.id, answer.result);
      if (results.size === jobs.length) {
        // Tells every worker that there are no more jobs.
        void server.drain({ data: 'all done', deadline: 10_000 });
      } else {
        fill();
      }
    });
    // Called after all results that the worker has sent.
    socket.once('disconnect', (lastWord) => {
      if (!lastWord) return;
      // Jobs that it does not name arrived after its last word, and are not done.
      counts.handedBack += held.size;
      release();
    });
    socket.once('error', (error) => {
      console.error(`a worker was lost: ${error.message}`);
    });
    socket.once('close', () => {
      counts.lost += held.size;
      release();
    });
    fill();
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, results: finished, counts };
}

function parse(message: Buffer): Done | undefined {
  try {
    return JSON.parse(message.toString()) as Done;
  } catch {
    return undefined;
  }
}
