import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import t from 'tap';
import {
  childAgent,
  connectingAgent,
  inProcessAgent,
  LineChannel,
  loadScenarios,
  runSuite,
  type AgentSource,
} from '../../conformance/index.js';
import { memoryChannels } from '../../conformance/protocol/channel.js';
import { HELLO_LIMIT } from '../../conformance/protocol/lines.js';
import type { RunnerMessage } from '../../conformance/protocol/messages.js';
import {
  AgentLink,
  INDICATION_LIMIT,
} from '../../conformance/runner/agent-link.js';
import { startChild, stopChild } from '../../conformance/runner/children.js';
import { PATIENCE } from '../support/patience.js';
import { hello } from '../support/hello.js';

// An agent is not trusted: whatever it sends or withholds, the runner continues in
// time, and keeps a bounded amount of it.

type Answer = (message: RunnerMessage, tell: (one: object) => void) => void;

/** An agent that answers as the test says. */
function answering(answer: Answer) {
  let starts = 0;
  const source: AgentSource = {
    description: 'of a test',
    async start(limit) {
      starts += 1;
      const [ours, theirs] = memoryChannels();
      const opening = AgentLink.open(ours, limit);
      theirs.receiver = {
        message(message) {
          answer(message as RunnerMessage, (one) => {
            theirs.send(one);
          });
        },
        closed() {},
      };
      theirs.send(hello);
      const link = await opening;
      return {
        link,
        async stop() {
          link.close();
        },
      };
    },
    async stop() {},
  };
  return { source, starts: () => starts };
}

const scenarios = loadScenarios().filter(
  ({ id }) => id === 'conditional-accept/not-listening',
);

const result = (seq: number) => ({ type: 'result', seq, error: null });

async function runWith(answer: Answer, repeat = 1, timeout = PATIENCE) {
  const { source, starts } = answering(answer);
  const { runs } = await runSuite({
    scenarios,
    client: inProcessAgent(),
    server: source,
    timeout,
    repeat,
  });
  return { runs, starts: starts() };
}

await t.test('a flood of indications', async (t) => {
  const { runs } = await runWith((message, tell) => {
    if (message.type === 'end') tell({ type: 'ended', seq: message.seq });
    if (message.type !== 'step') return;
    const indication = { type: 'indication', socket: 'a', event: 'FD_READ' };
    for (let count = 0; count < INDICATION_LIMIT + 5; count += 1) {
      tell({ ...indication, error: null });
    }
    tell(result(message.seq));
  });
  const [run] = runs;
  t.match(run?.findings, [
    { outcome: 'lost', got: /more than 10000 indications in a run/ },
  ]);
  const kept = run!.transcript.filter(({ kind }) => kind === 'indication');
  t.equal(kept.length, INDICATION_LIMIT);
});

await t.test('as many indications in each of several runs', async (t) => {
  const { runs, starts } = await runWith((message, tell) => {
    if (message.type === 'end') tell({ type: 'ended', seq: message.seq });
    if (message.type !== 'step') return;
    for (let count = 0; count < INDICATION_LIMIT / 2; count += 1) {
      tell({ type: 'indication', socket: 'a', event: 'FD_READ', error: null });
    }
    tell(result(message.seq));
  }, 3);
  t.equal(runs.length, 3);
  t.ok(runs.every(({ findings }) => findings.every((one) => !one.outcome)));
  t.equal(starts, 1, 'it was not lost');
});

await t.test('answers of the wrong kind', async (t) => {
  const { runs } = await runWith((message, tell) => {
    if (message.type === 'step') tell({ type: 'ended', seq: message.seq });
  });
  t.match(runs[0]?.findings, [
    { outcome: 'lost', got: /answered the step with "ended"/ },
  ]);
});

await t.test('unexpected answers are ignored', async (t) => {
  const { runs, starts } = await runWith((message, tell) => {
    if (message.type === 'end') tell({ type: 'ended', seq: message.seq });
    if (message.type !== 'step') return;
    for (const seq of [0, -1, message.seq + 5, 2 ** 40]) tell(result(seq));
    tell({ ...result(message.seq), unknown: [[[]]] });
  });
  t.notOk(runs[0]?.findings.some(({ outcome }) => outcome));
  t.equal(starts, 1);
});

await t.test('a run that does not end is abandoned', async (t) => {
  const { runs, starts } = await runWith(
    (message, tell) => {
      if (message.type === 'step') tell(result(message.seq));
    },
    2,
    200,
  );
  t.equal(runs.length, 2);
  t.equal(starts, 2, 'the next one has another agent');
});

await t.test('a process that says nothing, and does not end', async (t) => {
  const file = path.join(t.testdir(), 'pid');
  const script = `
    process.on('SIGTERM', () => {});
    require('node:fs').writeFileSync(${JSON.stringify(file)}, String(process.pid));
    setInterval(() => {}, 1000);`;
  const source = childAgent([process.execPath, '-e', script]);
  // Long enough to get this far on a slow machine.
  await t.rejects(source.start(4000), /said no hello within 4000 ms/);
  await source.stop();
  const pid = Number(readFileSync(file, 'utf8'));
  t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

await t.test('a process that leaves a child behind', async (t) => {
  // It holds stdout and stderr open.
  const script = `
    const { spawn } = require('node:child_process');
    const stdio = ['ignore', 'inherit', 'inherit'];
    const wait = 'setInterval(() => {}, 1000)';
    const other = spawn(process.execPath, ['-e', wait], { stdio, detached: true });
    other.unref();
    const hello = ${JSON.stringify(hello)};
    console.log(JSON.stringify({ ...hello, agent: String(other.pid) }));
    process.stdin.resume();`;
  const before = process.getActiveResourcesInfo();
  const source = childAgent([process.execPath, '-e', script]);
  const agent = await source.start(PATIENCE);
  const left = Number(agent.link.hello.agent);
  t.teardown(() => process.kill(left, 'SIGKILL'));
  await agent.stop();
  const pipes = (list: string[]) =>
    list.filter((name) => name === 'PipeWrap').length;
  while (pipes(process.getActiveResourcesInfo()) > pipes(before)) {
    await new Promise(setImmediate);
  }
  t.ok(process.kill(left, 0), 'it is still there');
});

await t.test('a process that no signal ends', async (t) => {
  const { child } = startChild(
    [process.execPath, '-e', 'setInterval(() => {}, 1000)'],
    {},
    'pipe',
  );
  const gone = once(child, 'exit');
  const signals: unknown[] = [];
  child.kill = (signal) => signals.push(signal) > 0;
  await stopChild(child);
  t.strictSame(signals, ['SIGKILL'], 'is left to itself');
  child.ref();
  process.kill(child.pid!, 'SIGKILL');
  await gone;
});

await t.test('an unknown connection has little room', async (t) => {
  let where: [string, string] | undefined;
  const source = connectingAgent({
    onlistening: (address, token) => (where = [address, token]),
  });
  const starting = source.start(PATIENCE);
  while (!where) await new Promise(setImmediate);
  const [address, token] = where;
  const dial = async () => {
    const socket = connect(Number(address.split(':')[1]), '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };

  const stranger = await dial();
  const closed = once(stranger.resume(), 'close');
  // The channel may be closed before all of this is sent.
  stranger.on('error', () => {});
  stranger.write('x'.repeat(HELLO_LIMIT + 1));
  await closed;
  t.equal(stranger.bytesRead, 0, 'it receives nothing');

  const friend = await dial();
  const channel = new LineChannel(friend, friend);
  channel.send({ ...hello, token });
  const agent = await starting;
  const asked = agent.link.request({ step: '1', call: 'WSARecv', with: {} });
  const data = '00'.repeat(HELLO_LIMIT);
  channel.send({ ...result(1), data });
  t.match(await asked, { data }, 'it has more, once it is known');
  await agent.stop();
  await source.stop();
});
