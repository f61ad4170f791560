// Two servers in processes of their own that share a port by SO_REUSEPORT. On `close` or
// `drain` it starts a third, and tells the first to leave when that one listens.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

async function start(
  at: number,
): Promise<{ child: ChildProcess; port: number }> {
  const program = path.join(import.meta.dirname, 'worker.js');
  const child = fork(program, [String(at), 'reusePort']);
  const [port] = (await once(child, 'message')) as [number];
  return { child, port };
}

process.once('disconnect', () => process.exit());
const { child, port } = await start(0);
await start(port);
process.send!(port);
const [how] = (await once(process, 'message')) as ['close' | 'drain'];
await start(port);
child.send(how);
const [code, signal] = (await once(child, 'exit')) as unknown[];
process.send!(code ?? signal);
