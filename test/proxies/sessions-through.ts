import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import t, { type Test } from 'tap';
import { boxes, type Box } from './boxes.js';
import { endOf, open, sessions, tally, type Way } from './sessions.js';
import { lacks, through } from './through.js';

// Sends all words through installed proxies, with answers at once and after a while,
// and checks how ends that are not goodbyes are reported behind them.

/** @param count sessions of each kind, all at once. */
export function testBoxes(count: number): void {
  t.jobs = boxes.length;
  for (const box of boxes) testBox(box, count);
}

function testBox(box: Box, count: number): void {
  t.test(box.name, { skip: lacks(box) }, async (t) => {
    const way = await through(t, box);
    const all = (result: string) => ({ [result]: count });
    const run = (session: () => Promise<string>) =>
      tally(count, count, session);

    for (const delay of [0, 2000]) {
      const client = run(() => sessions.clientFirst(way, delay));
      const server = run(() => sessions.serverFirst(way, delay));
      t.same(await client, all('42'), `client first, ${delay} ms`);
      t.same(await server, all('42'), `server first, ${delay} ms`);
    }
    if (box.tellsCaller) {
      const { caller, callee } = await open(way);
      t.equal(callee.remoteAddress, '127.0.0.1');
      t.equal(callee.remotePort, caller.localPort, 'who has called');
      t.equal(callee.localPort, way.port, 'and whom');
      caller.destroy();
    }
    const refused = await run(() => sessions.refused(way));
    t.same(refused, all('ECONNREFUSED: who are you?'), 'a refusal');
    for (const kind of ['clientAborts', 'serverAborts'] as const) {
      const told = await run(() => sessions[kind](way));
      t.same(told, all('ECONNRESET'), kind);
    }

    const [killed, stuck] = await Promise.all([
      signalled(t, way, 'SIGKILL'),
      signalled(t, way, 'SIGSTOP'),
    ]);
    t.equal(killed, 'ECONNRESET', 'a caller is killed');
    t.equal(stuck, 'ETIMEDOUT', 'a caller is stuck');

    const opened = Array.from({ length: count }, async () => {
      const { caller } = await open(way);
      caller.answer = async () => {
        await new Promise((done) => setTimeout(done, 100));
        return 'so long';
      };
    });
    await Promise.all(opened);
    const drained = await way.server.drain({ data: 'we close' });
    t.match(drained, { ended: count, answered: count }, 'drain');
  });
}

/** The server's report of a caller whose process gets a signal. */
async function signalled(
  t: Test,
  way: Way,
  signal: NodeJS.Signals,
): Promise<string> {
  const callerData = `caller ${signal}, 0`;
  const program = path.join(import.meta.dirname, '../support/caller.js');
  const place = { host: '127.0.0.1', port: way.port, callerData };
  const target = JSON.stringify(place);
  const args = [program, target, 'open', way.tls ? 'tls' : ''];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const end = endOf(way.accepted.get(callerData)!);
  child.kill(signal);
  return end;
}
