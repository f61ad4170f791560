// A queue and its workers: one leaves early, one dies, one stays.
//
//   node dist/examples/jobs/main.js [--jobs 100]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { serveJobs } from './queue.js';

const { values } = parseArgs({
  options: { jobs: { type: 'string', default: '100' } },
});
const jobs = Array.from({ length: Number(values.jobs) }, (_, id) => ({
  id,
  text: `job ${id}`,
}));
const { port, results, counts } = await serveJobs(jobs);

const start = (name: string, ...more: string[]) =>
  fork(path.join(import.meta.dirname, 'worker.js'), [
    name,
    String(port),
    ...more,
  ]);
// One after the other, so that each of the first two holds jobs when it goes.
await once(start('ann', 'die'), 'exit');
await once(start('bea', '5'), 'exit');
const last = start('cem');
const done = await results;
if (last.exitCode === null) await once(last, 'exit');

console.log(`jobs done:       ${done.size} of ${jobs.length}`);
console.log(`handed back:     ${counts.handedBack}`);
console.log(`lost and redone: ${counts.lost}`);
const wrong = jobs.filter(
  ({ id, text }) => done.get(id) !== text.toUpperCase(),
);
process.exitCode = wrong.length === 0 ? 0 : 1;
