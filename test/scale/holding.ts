import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startFor } from '../../bench/support/descriptors.js';
import { loadNative } from '../../src/native.js';
import { wineLacks } from '../support/platform.js';

type Start = Awaited<ReturnType<typeof startFor>>;

async function startOrReason(count: number): Promise<Start | string> {
  const loaded = loadNative();
  if (!loaded.native) return `no addon: ${loaded.reason}`;
  try {
    return await startFor(count);
  } catch (error) {
    return (error as Error).message;
  }
}

function startProgram(t: Test, start: Start, name: string, ...args: string[]) {
  const child: ChildProcess = fork(
    path.join(import.meta.dirname, 'programs', `${name}.js`),
    args,
    { ...start, env: { ...process.env, GOODBYTE_TRANSPORT: 'engine' } },
  );
  t.teardown(() => {
    if (child.connected) child.disconnect();
  });
  const next = async () => {
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`${name} ended with ${String(code)}`);
    });
    const [message] = (await Promise.race([
      once(child, 'message'),
      ended,
    ])) as unknown[];
    ended.catch(() => {});
    return message;
  };
  return { child, next };
}

/** Holds this many connections, each of which must receive the end. */
export async function testHeld(count: number): Promise<void> {
  const start = await startOrReason(count);
  const skip =
    wineLacks('descriptors for so many sockets in its one server') ||
    (typeof start === 'string' ? start : false);

  t.test(
    `${count} connections are held, and all are told`,
    { skip },
    async (t) => {
      const server = startProgram(t, start as Start, 'holding-server');
      const port = await server.next();
      const client = startProgram(
        t,
        start as Start,
        'holding-client',
        String(port),
        String(count),
      );
      t.equal(await client.next(), 'open');
      client.child.send('each a round trip');
      t.equal(await client.next(), 'alive');
      const heard = client.next();
      server.child.send('drain');
      t.strictSame(await server.next(), {
        held: count,
        connections: count,
        ended: count,
        answered: count,
        failed: 0,
        timedOut: 0,
        cut: 0,
        lingering: 0,
        aborted: 0,
        refused: 0,
      });
      t.strictSame(await heard, { 'good night': count });
    },
  );
}
