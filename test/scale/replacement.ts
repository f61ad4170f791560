import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { WinsockError } from '../../src/index.js';
import { loadNative } from '../../src/native.js';
import { connect } from '../../src/promises.js';
import { needsUnix } from '../support/platform.js';

// Several processes share a port, and one of them is replaced while callers come. The
// promise (docs/api.md): accepted callers are served to the end; others get
// ECONNREFUSED, and can call again.

const IN_FLIGHT = 64;

/** Calls, and again if refused; resolves with the caller's outcome. */
interface Outcome {
  servedBy: string;
  answer: string;
  heard: string;
  refusals: number;
}

async function exchange(port: number, id: number): Promise<Outcome> {
  for (let refusals = 0; ; refusals++) {
    try {
      // Half open: a draining server may say its last word before ours.
      const socket = await connect({
        port,
        host: '127.0.0.1',
        allowHalfOpen: true,
      });
      let heard = '';
      socket.on('data', (data) => {
        heard += String(data);
      });
      const closed = once(socket, 'close');
      socket.write(`data ${id}`);
      const answer = String(await socket.disconnect(`word ${id}`));
      await closed;
      return { servedBy: String(socket.calleeData), answer, heard, refusals };
    } catch (error) {
      const { code } = error as WinsockError;
      if (code !== 'ECONNREFUSED') throw error;
    }
  }
}

async function replaceWhileCalled(
  t: Test,
  [program, ...args]: readonly string[],
  how: 'close' | 'drain',
  callers: number,
): Promise<void> {
  const parent = fork(
    path.join(import.meta.dirname, 'programs', `${program}.js`),
    args,
  );
  t.teardown(() => {
    if (parent.connected) parent.disconnect();
  });
  const [port] = (await once(parent, 'message')) as [number];

  const outcomes: Outcome[] = [];
  const call = async (goOn: (called: number) => boolean) => {
    while (goOn(outcomes.length)) {
      const id = outcomes.length++;
      outcomes[id] = await exchange(port, id);
    }
  };
  const callAll = async (goOn: (called: number) => boolean) => {
    await Promise.all(Array.from({ length: IN_FLIGHT }, () => call(goOn)));
  };
  let isReplaced = false;
  const replaced = once(parent, 'message').finally(() => {
    isReplaced = true;
  });
  const calls = callAll((called) => {
    if (called === callers / 4) parent.send(how);
    return called < callers || !isReplaced;
  });
  t.strictSame(await replaced, [0, undefined], 'the old one has gone well');
  await calls;
  const goal = outcomes.length + callers / 4;
  await callAll((called) => called < goal);

  const cutShort = outcomes.filter(({ answer }) => answer === 'going');
  const served = outcomes.filter(
    ({ answer, heard }, id) =>
      answer === `answer to word ${id}` && heard === `heard data ${id}`,
  );
  t.equal(served.length + cutShort.length, outcomes.length, 'no word is lost');
  // A draining server says its word instead of waiting for theirs.
  if (how === 'close') t.equal(cutShort.length, 0);
  const servers = new Set(outcomes.map(({ servedBy }) => servedBy));
  t.equal(servers.size, 3, 'all three have served');
  const refusals = outcomes.reduce((sum, one) => sum + one.refusals, 0);
  t.comment(
    `of ${outcomes.length} ${refusals} were refused first, and ${cutShort.length} cut short`,
  );
}

const loaded = loadNative();
const noEngine = loaded.native ? false : `no addon: ${loaded.reason}`;
const cases = [
  { name: 'a cluster, round robin', program: ['cluster', 'rr'] },
  { name: 'a cluster, SCHED_NONE', program: ['cluster', 'none'] },
  {
    name: 'SO_REUSEPORT',
    program: ['sharing'],
    skip: needsUnix('SO_REUSEPORT') || noEngine,
  },
];

/** @param callers the least number of callers, and a quarter of it at the end. */
export function testRestart(callers: number): void {
  for (const { name, program, skip = false } of cases) {
    for (const how of ['close', 'drain'] as const) {
      t.test(`${name}: ${how}`, { skip }, (t) =>
        replaceWhileCalled(t, program, how, callers),
      );
    }
  }
}
