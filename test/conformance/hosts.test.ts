import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { needsUnix } from '../support/platform.js';
import { findPython, main } from '../support/programs.js';
import { AF_INET } from '../../src/vocabulary/constants.js';
import {
  inProcessAgent,
  loadScenarios,
  runSuite,
} from '../../conformance/index.js';
import { hostsOf, loopback } from '../../conformance/agent/hosts.js';

// Agents on two systems: each listens where the other can reach it.

const root = path.resolve(import.meta.dirname, '../../..');
const agentInPython = path.join(root, 'conformance/agents/python/agent.py');

await t.test('values of GOODBYTE_AGENT_HOST', (t) => {
  t.strictSame(hostsOf(undefined), loopback);
  t.strictSame(hostsOf(''), loopback);
  t.strictSame(hostsOf('192.0.2.1'), { IPv4: '192.0.2.1' });
  t.strictSame(hostsOf('2001:db8::7,192.0.2.1'), {
    IPv4: '192.0.2.1',
    IPv6: '2001:db8::7',
  });
  const wrong = ['host', '192.0.2.1,', '0.0.0.0', '::', '::1,::2', '[::1]'];
  for (const value of wrong) {
    t.throws(() => hostsOf(value), {
      name: 'RangeError',
      message: `not "${value}"`,
    });
  }
  t.end();
});

const scenarios = loadScenarios().filter(({ id }) =>
  /^(eight-steps\/fd-close|plain-peer\/(http-client|http-server))$/.test(id),
);

const elsewhere = process.platform === 'darwin' && 'one loopback address only';

await t.test(
  'an agent that listens elsewhere',
  { skip: elsewhere },
  async (t) => {
    const hosts = { IPv4: '127.0.0.2' };
    const { runs, server } = await runSuite({
      scenarios,
      client: inProcessAgent(),
      server: inProcessAgent({ hosts }),
    });
    t.ok(runs.every(({ verdict }) => verdict === 'OK'));
    const addresses = runs.flatMap(({ transcript }) =>
      transcript.flatMap((entry) =>
        entry.kind === 'result' && entry.agent === 'server'
          ? (entry.result.address ?? [])
          : [],
      ),
    );
    t.ok(addresses.length > 0);
    t.ok(addresses.every(({ address }) => address === '127.0.0.2'));
    t.strictSame(
      [...new Set(server?.protocols.map(({ addressFamily }) => addressFamily))],
      [AF_INET],
      'it declares no other family',
    );
  },
);

await t.test('a family without an address is not there', async (t) => {
  const { runs } = await runSuite({
    scenarios: scenarios.slice(0, 1),
    families: ['IPv6', 'unix'],
    client: inProcessAgent(),
    server: inProcessAgent({ hosts: { IPv4: '127.0.0.1' } }),
    maxOrders: 1,
  });
  t.ok(runs.length > 0);
  t.ok(runs.every(({ verdict }) => verdict === 'UNIMPLEMENTED'));
});

await t.test('an invalid host is reported at once', (t) => {
  for (const command of ['agent', 'run']) {
    const { status, stderr } = spawnSync(
      process.execPath,
      [main, 'conformance', command],
      {
        encoding: 'utf8',
        env: { ...process.env, GOODBYTE_AGENT_HOST: 'example.org' },
      },
    );
    t.equal(status, 2);
    t.match(stderr, /GOODBYTE_AGENT_HOST takes an address .* "example.org"/);
  }
  t.end();
});

// Two network namespaces with a cable between them stand for two systems; the runner
// is in the first, and talks to the agent in the other.
const [here, there] = [`gb${process.pid}a`, `gb${process.pid}b`];
const ip = (...args: string[]) => spawnSync('ip', args, { encoding: 'utf8' });
const cable = [
  ['netns', 'add', here],
  ['netns', 'add', there],
  [
    'link',
    'add',
    here,
    'netns',
    here,
    'type',
    'veth',
    'peer',
    there,
    'netns',
    there,
  ],
  ...[
    [here, '1'],
    [there, '2'],
  ].flatMap(([name = '', last = '']) => [
    ['-n', name, 'address', 'add', `192.0.2.${last}/24`, 'dev', name],
    [
      '-n',
      name,
      'address',
      'add',
      `2001:db8::${last}/64`,
      'dev',
      name,
      'nodad',
    ],
    ['-n', name, 'link', 'set', name, 'up'],
    ['-n', name, 'link', 'set', 'lo', 'up'],
  ]),
];
t.teardown(() => {
  for (const name of [here, there]) ip('netns', 'delete', name);
});
const problem = cable
  .map((args) => ip(...args))
  .find(({ status }) => status !== 0);
const noCable =
  needsUnix('ip(8)') ||
  (problem && `no network namespaces: ${problem.stderr ?? 'there is no ip'}`);

await t.test('agents on two hosts', { skip: noCable ?? false }, async (t) => {
  const python = findPython();
  const own = [process.execPath, main, 'conformance', 'agent'];
  const other = python ? [python, agentInPython] : own;
  const elsewhere = 'GOODBYTE_AGENT_HOST=192.0.2.2,2001:db8::2';
  const remote = ['ip', 'netns', 'exec', there, 'env', elsewhere, ...other];
  for (const role of ['client', 'server']) {
    const chosen = scenarios.flatMap(({ id }) => ['--scenario', id]);
    const families = ['--family', 'IPv4', '--family', 'IPv6'];
    const command = [process.execPath, main, 'conformance', 'run', '--json'];
    const options = [...chosen, ...families, `--${role}`, remote.join(' ')];
    const child = spawn('ip', ['netns', 'exec', here, ...command, ...options], {
      env: {
        ...process.env,
        GOODBYTE_AGENT_HOST: '192.0.2.1,2001:db8::1',
      },
    });
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    t.equal(code, 0, stderr);
    const { runs } = JSON.parse(stdout) as {
      runs: { family: string; verdict: string; transcript: object[] }[];
    };
    t.ok(runs.every(({ verdict }) => verdict === 'OK'));
    t.match(JSON.stringify(runs), /"192\.0\.2\.[12]"/);
    t.match(JSON.stringify(runs), /"2001:db8::[12]"/);
  }
});
