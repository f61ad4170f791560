import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import {
  AgentLost,
  childAgent,
  connectingAgent,
  inProcessAgent,
  jobsFor,
  loadScenarios,
  planRuns,
  runSuite,
  type AgentSource,
  type PlannedRun,
  type RunResult,
} from '../../conformance/index.js';
import { main } from '../support/programs.js';

const agentCommand = [process.execPath, main, 'conformance', 'agent'];

const scenarios = loadScenarios().filter(({ id }) =>
  /^(close|eight-steps|plain-peer)\//.test(id),
);

const nameOfRun = ({ id, family, order, repetition }: RunResult): string =>
  [id, family, order, repetition].join(' | ');

const nameOfPlanned = (planned: PlannedRun): string =>
  [
    planned.tested.name,
    planned.tested.family,
    planned.orderName,
    planned.repetition,
  ].join(' | ');

/** A source, and the largest number of its agents at a time. */
function counted(source: AgentSource) {
  const count = { started: 0, alive: 0, most: 0 };
  const counting: AgentSource = {
    ...source,
    async start(limit) {
      count.started += 1;
      count.alive += 1;
      count.most = Math.max(count.most, count.alive);
      const agent = await source.start(limit);
      return {
        link: agent.link,
        async stop() {
          await agent.stop();
          count.alive -= 1;
        },
      };
    },
  };
  return { source: counting, count };
}

await t.test(
  'side by side, results are in the order of the plan',
  async (t) => {
    const client = counted(inProcessAgent());
    const server = counted(inProcessAgent());
    const asTheyCame: string[] = [];
    const told: string[] = [];
    const { runs } = await runSuite({
      scenarios,
      client: client.source,
      server: server.source,
      jobs: 4,
      onresult: (run) => asTheyCame.push(nameOfRun(run)),
      onrun: (run) => told.push(nameOfRun(run)),
    });
    const planned = planRuns({ scenarios }).runs.map(nameOfPlanned);
    t.strictSame(runs.map(nameOfRun), planned);
    t.strictSame(told, planned);
    t.notSame(asTheyCame, planned, 'they came in another order');
    t.strictSame(asTheyCame.toSorted(), planned.toSorted());
    t.strictSame(
      runs.filter(({ verdict }) => verdict !== 'OK'),
      [],
    );
    t.equal(client.count.started, 4);
    t.equal(server.count.started, 4);
  },
);

await t.test('an agent that is lost is replaced, and only it', async (t) => {
  const server = counted(inProcessAgent({ hanging: ['closesocket'] }));
  const few = scenarios.filter(({ id }) => id === 'eight-steps/fd-close');
  const { runs } = await runSuite({
    scenarios: few,
    client: inProcessAgent(),
    server: server.source,
    jobs: 2,
    timeout: 1000,
  });
  t.ok(runs.every(({ verdict }) => verdict === 'FAILED'));
  t.equal(server.count.started, 2, 'one that ends its run in time stays');
});

await t.test('one agent where there can be only one', async (t) => {
  const one = counted({ ...inProcessAgent(), most: 1 });
  const { runs } = await runSuite({
    scenarios: scenarios.slice(0, 4),
    client: one.source,
    server: inProcessAgent(),
    jobs: 4,
  });
  t.ok(runs.length > 1);
  t.equal(one.count.started, 1);
});

await t.test('agents that connect back, side by side', async (t) => {
  const { runs } = await runSuite({
    scenarios: loadScenarios().filter(({ id }) => id.startsWith('eight-st')),
    client: connectingAgent({ command: agentCommand }),
    server: connectingAgent({ command: agentCommand }),
    jobs: 3,
  });
  t.equal(runs.length, 15);
  t.ok(runs.every(({ verdict }) => verdict === 'OK'));
});

await t.test('an agent that cannot be started ends them all', async (t) => {
  let starts = 0;
  const real = childAgent(agentCommand);
  const client: AgentSource = {
    ...real,
    start(limit) {
      starts += 1;
      if (starts < 3) return real.start(limit);
      return Promise.reject(new AgentLost('there is no third one'));
    },
  };
  await t.rejects(
    runSuite({ scenarios, client, server: childAgent(agentCommand), jobs: 3 }),
    {
      name: 'SuiteBroken',
      cause: { name: 'AgentLost' },
      message: 'there is no third one',
      result: { broken: { why: 'there is no third one' } },
    },
  );
  const left = process.platform === 'linux' ? childrenOf(process.pid) : [];
  t.strictSame(left, [], 'none of their processes is left');
});

await t.test('a plan, repeated and narrowed', (t) => {
  const { runs } = planRuns({
    scenarios,
    only: ({ name }) => name === 'close/bare-fin',
    repeat: 3,
  });
  const once = runs.filter(({ repetition }) => repetition === 1);
  t.ok(once.every(({ tested }) => tested.name === 'close/bare-fin'));
  t.strictSame(
    runs.map(({ repetition }) => repetition),
    [1, 2, 3].flatMap((round) => once.map(() => round)),
  );
  t.end();
});

await t.test('the default number of parallel runs', (t) => {
  t.equal(jobsFor(0), 1);
  t.equal(jobsFor(8), 1);
  t.ok(jobsFor(9) <= 2);
  t.ok(jobsFor(100_000) <= 8);
  t.end();
});

/** Child processes of this one that run our agent. */
function childrenOf(parent: number): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readProcess(pid)];
      } catch {
        return [];
      }
    })
    .filter(({ ppid, command }) => ppid === parent && command.includes(main))
    .map(({ command }) => command);
}

function readProcess(pid: string): { ppid: number; command: string } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return {
    ppid: Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]),
    command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '),
  };
}
