// Does jobs, one at a time, until the queue ends or it has to leave. Then its last word
// names its unfinished jobs.
//
//   node dist/examples/jobs/worker.js NAME PORT [QUOTA | die]
import { connect } from 'goodbyte/promises';
import type { Done, Job } from './queue.js';

const [name, port, leave] = process.argv.slice(2);
/** Jobs that it does before it leaves; 0 if it dies with its first. */
const quota = leave === 'die' ? 0 : Number(leave ?? Infinity);
const undone: Job[] = [];
let done = 0;
let working = false;
let leaving = false;

const socket = await connect({
  port: Number(port),
  socketType: 'message',
  callerData: `worker ${name}`,
});
const { window } = JSON.parse(String(socket.calleeData)) as { window: number };

const ids = () => JSON.stringify(undone.map(({ id }) => id));

socket.on('data', (message: Buffer) => {
  undone.push(JSON.parse(message.toString()) as Job);
  if (done < quota) start();
  else if (undone.length === window) {
    if (leave === 'die') process.kill(process.pid, 'SIGKILL');
    else void leaveNow();
  }
});
// The queue has ended, and has all our results.
socket.answer = ids;
process.once('SIGTERM', () => void leaveNow());

function start(): void {
  if (working) return;
  working = true;
  setImmediate(work);
}

/** One job in each turn of the loop, so that messages and signals have theirs. */
function work(): void {
  working = false;
  if (leaving || done === quota) return;
  const { id, text } = undone.shift()!;
  const answer: Done = { id, result: text.toUpperCase() };
  socket.write(JSON.stringify(answer));
  done += 1;
  if (undone.length > 0) start();
}

/** The queue keeps jobs that arrive after our last word. */
async function leaveNow(): Promise<void> {
  if (leaving) return;
  leaving = true;
  await socket.disconnect(ids());
}
