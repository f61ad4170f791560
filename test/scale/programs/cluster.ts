// Two workers that share a port. On `close` or `drain` it starts a third, and tells the
// first to leave when that one listens.
//
//   cluster.js rr | none
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import path from 'node:path';

cluster.schedulingPolicy =
  process.argv[2] === 'none' ? cluster.SCHED_NONE : cluster.SCHED_RR;
cluster.setupPrimary({
  exec: path.join(import.meta.dirname, 'worker.js'),
  args: ['0'],
});

async function start(): Promise<{ worker: Worker; port: number }> {
  const worker = cluster.fork();
  const [port] = (await once(worker, 'message')) as [number];
  return { worker, port };
}

process.once('disconnect', () => process.exit());
const { worker, port } = await start();
await start();
process.send!(port);
const [how] = (await once(process, 'message')) as [string];
await start();
worker.send(how);
const [code, signal] = (await once(worker, 'exit')) as unknown[];
process.send!(code ?? signal);
