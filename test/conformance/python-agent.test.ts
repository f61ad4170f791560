import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import {
  childAgent,
  connectingAgent,
  inProcessAgent,
  loadScenarios,
  runSuite,
  type AgentSource,
} from '../../conformance/index.js';
import { representativesOf } from '../../conformance/scenario/representatives.js';
import { PATIENCE } from '../support/patience.js';
import { findPython } from '../support/programs.js';
import { LINE_LIMIT } from '../../conformance/protocol/lines.js';

// The agent in Python has its own implementation of the wire format, made from the
// specification: a scenario that passes here needs no private knowledge of this library.

const root = path.resolve(import.meta.dirname, '../../..');
const agent = path.join(root, 'conformance/agents/python/agent.py');

const python = findPython();
const skip = python === undefined && 'there is no Python 3.9 or later';
const command = [python ?? 'python3', agent];

/** Scenarios for everything that the agent declares. */
const part = new RegExp(
  [
    '^eight-steps/',
    '^messages/(boundaries|disconnect-data)$',
    '^wire-call(er|ee)/(violation|data|drip|cut-accept|cut-connect)$',
    '^close/(after-all-data|linger-zero|one-indication|queued-data|unread-inbound)$',
    '^conditional-accept/(accept|caller-leaves|defer-then-reject|reject)$',
    '^connect-data/(callee-data-too-long|caller-data|reject-data)$',
    '^disconnect-data/(client-only|simultaneous|small-buffer|too-long)$',
  ].join('|'),
);
const scenarios = loadScenarios().filter(
  ({ id, requires }) => part.test(id) && !requires.includes('limits'),
);
const names = new Set(
  scenarios.flatMap((one) => representativesOf(one).map(({ name }) => name)),
);

const pairs: [string, AgentSource, AgentSource][] = [
  ['it calls us', childAgent(command), inProcessAgent()],
  ['we call it, over TCP', inProcessAgent(), connectingAgent({ command })],
  ['it calls itself', childAgent(command), childAgent(command)],
];

for (const [name, client, server] of pairs) {
  t.test(name, { skip }, async (t) => {
    const { runs, ...agents } = await runSuite({
      scenarios,
      families: ['IPv4'],
      only: ({ name: tested }) => names.has(tested),
      client,
      server,
      jobs: 2,
      timeout: PATIENCE,
    });
    t.match(
      [agents.client?.agent, agents.server?.agent].join(),
      /goodbyte-python 1/,
    );
    const ids = new Set(runs.map(({ id }) => id.replace(/[[ ].*/, '')));
    t.equal(ids.size, scenarios.length);
    t.strictSame(
      runs
        .filter(({ verdict, warnings }) => verdict !== 'OK' || warnings.length)
        .map(({ id, order, findings }) => [`${id} ${order}`, findings]),
      [],
    );
  });
}

t.test('its wire format meets the vectors', { skip }, (t) => {
  const script = path.join(root, 'test/conformance/wire-vectors.py');
  const { status, stdout, stderr } = spawnSync(command[0]!, [script], {
    encoding: 'utf8',
  });
  t.match(stdout, /^2\d\d cases\n$/);
  t.equal(stderr, '');
  t.equal(status, 0);
  t.end();
});

t.test('a Unix socket leaves no path behind', { skip }, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'goodbyte-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const inFolder = childAgent(['env', `TMPDIR=${folder}`, ...command]);
  const { runs } = await runSuite({
    scenarios: scenarios.filter(({ id }) => id.startsWith('eight-steps/')),
    families: ['unix'],
    client: inFolder,
    server: inFolder,
    maxOrders: 1,
    timeout: PATIENCE,
  });
  t.ok(runs.length > 0);
  for (const { id, verdict, findings } of runs) {
    t.equal(verdict, 'OK', id, { findings });
  }
  t.strictSame(readdirSync(folder), []);
});

t.test('a runner that ends, or makes no sense', { skip }, async (t) => {
  const begin =
    '{"type":"begin","run":"x","family":"IPv4","socketType":"stream"}\n';
  const listen =
    '{"type":"step","seq":1,"step":"l","call":"listen","with":{"socket":"l"}}\n';
  const cases: [string, number, RegExp][] = [
    [`${begin}${listen}`, 0, /^$/],
    ['{"type":"later","than":"version 1"}\n\n', 0, /^$/],
    ['nonsense\n', 1, /makes no sense/],
    [`${begin}{"type":"step","seq":1}\n`, 1, /makes no sense/],
    [`{"a":"${'x'.repeat(LINE_LIMIT)}"}\n`, 1, /a line is too long/],
    ['{"type":"refused","why":"not you"}\n', 1, /not you/],
  ];
  const check = async ([input, status, said]: (typeof cases)[number]) => {
    const child = spawn(command[0]!, [agent]);
    // It may end before it has read everything.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    t.equal(code, status, input.slice(0, 60));
    t.match(stderr, said);
    t.match(stdout, /^\{"type": "hello", .*\}\n/);
  };
  await Promise.all(cases.map(check));
});
