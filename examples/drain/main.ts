// Restarts a server under load, and counts clients that missed the reason.
//
//   node dist/examples/drain/main.js [--clients 50] [--restarts 3] [--kill]
import { fork, type ChildProcess } from 'node:child_process';
import { on, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { LoadMessage } from './load.js';
import type { ServerMessage } from './server.js';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '50' },
    restarts: { type: 'string', default: '3' },
    // Number of answers between two restarts.
    step: { type: 'string', default: '5000' },
    // Kills the server, so that it has no time for a last word.
    kill: { type: 'boolean', default: false },
  },
});

const folder = mkdtempSync(path.join(tmpdir(), 'drain-'));
const isWindows = process.platform === 'win32';
const address = isWindows
  ? `\\\\.\\pipe\\${path.basename(folder)}`
  : path.join(folder, 'socket');

/** Waits for a message of that type; fails if the child ends without one. */
async function hear<T extends { type: string }, K extends T['type']>(
  child: ChildProcess,
  type: K,
): Promise<Extract<T, { type: K }>> {
  for await (const [message] of on(child, 'message', {
    close: ['disconnect'],
  })) {
    if ((message as T).type === type) return message as Extract<T, { type: K }>;
  }
  throw new Error(`${child.spawnargs[1]} ended without saying '${type}'`);
}

function start(program: string, ...args: string[]): ChildProcess {
  return fork(path.join(import.meta.dirname, program), args);
}

async function startServer(): Promise<ChildProcess> {
  // A killed server leaves its socket behind.
  if (!isWindows) rmSync(address, { force: true });
  const child = start('server.js', address);
  await hear<ServerMessage, 'listening'>(child, 'listening');
  return child;
}

/** @returns the server's counts, if it had time to report them. */
async function stop(child: ChildProcess) {
  const exit = once(child, 'exit');
  if (values.kill) {
    child.kill('SIGKILL');
    await exit;
    return { lines: 0, told: 0, cutOff: 0 };
  }
  const stopped = hear<ServerMessage, 'stopped'>(child, 'stopped');
  if (isWindows) child.send('stop');
  else child.kill('SIGTERM');
  await exit;
  return stopped;
}

const total = { lines: 0, told: 0, cutOff: 0 };

let server = await startServer();
const load = start('load.js', address, values.clients, values.step);
for (let restart = 1; restart <= Number(values.restarts); restart++) {
  await hear<LoadMessage, 'answered'>(load, 'answered');
  const { lines, told, cutOff } = await stop(server);
  total.lines += lines;
  total.told += told;
  total.cutOff += cutOff;
  server = await startServer();
  console.log(`restart ${restart}: the next server is there`);
}
await hear<LoadMessage, 'answered'>(load, 'answered');
const finished = hear<LoadMessage, 'finished'>(load, 'finished');
load.send('finish');
const { counts } = await finished;
total.lines += (await stop(server)).lines;
rmSync(folder, { recursive: true });

console.log(`the reason they heard:     ${counts.reason || '(none)'}`);
console.log(`connections drained:       ${total.told}`);
console.log(`connections cut off:       ${total.cutOff}`);
console.log(`clients who missed why:    ${counts.reasonsMissed}`);
console.log(`lines sent:                ${counts.sent}`);
console.log(`lines lost:                ${counts.sent - counts.answered}`);
console.log(`lines answered twice:      ${counts.answeredTwice}`);
console.log(
  `lines done by the servers: ${values.kill ? 'unknown' : total.lines}`,
);

const isGood =
  counts.reasonsHeard === total.told &&
  counts.reasonsMissed + counts.answeredTwice + counts.lost === 0 &&
  counts.answered === counts.sent &&
  total.lines === counts.sent;
console.log(isGood ? 'Nobody missed anything.' : 'Somebody missed something.');
process.exitCode = isGood ? 0 : 1;
