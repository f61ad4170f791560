import t from 'tap';
import {
  AF_INET,
  SOCK_STREAM,
  XP1_CONNECT_DATA,
  XP1_DISCONNECT_DATA,
  XP1_GRACEFUL_CLOSE,
} from '../../src/vocabulary/constants.js';
import { WSAENOPROTOOPT, WSASYSCALLFAILURE } from '../../src/winsock/index.js';
import {
  inProcessAgent,
  loadScenarios,
  planRuns,
  runSuite,
  type AgentOptions,
} from '../../conformance/index.js';
import type { Hello } from '../../conformance/protocol/messages.js';
import { lacking } from '../../conformance/runner/honesty.js';
import { findFault } from '../../conformance/wrong-agents/index.js';
import { failing, replacing } from '../../conformance/wrong-agents/wrap.js';
import { selectProvider } from '../../src/provider/select.js';
import { PATIENCE } from '../support/patience.js';
import { hello } from '../support/hello.js';

const scenarios = loadScenarios().filter(
  ({ id }) => id === 'disconnect-data/client-only',
);

const all = XP1_CONNECT_DATA | XP1_DISCONNECT_DATA | XP1_GRACEFUL_CLOSE;

/** Agents that declare these service flags for a TCP stream. */
function declaring(serviceFlags1: number): AgentOptions {
  const entry = selectProvider().protocols.find(
    (one) => one.addressFamily === AF_INET && one.socketType === SOCK_STREAM,
  )!;
  return { protocols: [{ ...entry, serviceFlags1 }] };
}

const refusingWith = (status: number): AgentOptions =>
  replacing({ WSASendDisconnect: () => failing(status) });

const none = all & ~XP1_DISCONNECT_DATA;

const cases: [string, AgentOptions, number, string, RegExp | undefined][] = [
  ['declares and delivers', {}, all, 'OK', undefined],
  [
    'declares and drops',
    findFault('drops-disconnect-data')!,
    all,
    'FAILED',
    undefined,
  ],
  [
    'does not declare, and drops with success',
    findFault('drops-disconnect-data')!,
    none,
    'UNIMPLEMENTED',
    /cannot be trusted/,
  ],
  [
    'does not declare, and refuses as documented',
    refusingWith(WSAENOPROTOOPT),
    none,
    'UNIMPLEMENTED',
    /refused with WSAENOPROTOOPT/,
  ],
  [
    'does not declare, and refuses with another code',
    refusingWith(WSASYSCALLFAILURE),
    none,
    'NON-STRICT',
    /refused with WSASYSCALLFAILURE/,
  ],
  [
    'does not declare, and has not the call',
    findFault('knows-no-disconnect')!,
    none,
    'UNIMPLEMENTED',
    /not declared, and not there/,
  ],
  [
    'declares, and has not the call',
    findFault('knows-no-disconnect')!,
    all,
    'FAILED',
    undefined,
  ],
  [
    'does not declare, and hangs',
    findFault('hangs-in-disconnect')!,
    none,
    'FAILED',
    /must not hang/,
  ],
  [
    'does not declare, and delivers',
    {},
    none,
    'OK',
    /not declared, and yet it is there/,
  ],
];

for (const [name, wrong, flags, verdict, warning] of cases) {
  await t.test(name, async (t) => {
    const agent = () => inProcessAgent({ ...wrong, ...declaring(flags) });
    const { runs } = await runSuite({
      scenarios,
      client: agent(),
      server: agent(),
      // A mistake may leave the peer waiting.
      timeout: verdict === 'OK' ? PATIENCE : 1000,
    });
    const forced = runs.filter(({ mode }) => mode === 'forced');
    t.strictSame(
      forced.map((run) => run.verdict),
      [verdict],
    );
    if (warning) t.match(forced[0]?.warnings[0], warning);
    else t.strictSame(forced[0]?.warnings, []);
  });
}

await t.test('a missed SHOULD counts as missing too', async (t) => {
  const agent = () =>
    inProcessAgent({
      ...findFault('drops-disconnect-data')!,
      ...declaring(none),
    });
  const { runs } = await runSuite({
    scenarios: loadScenarios().filter(
      ({ id }) => id === 'disconnect-data/read-twice',
    ),
    client: agent(),
    server: agent(),
  });
  t.ok(runs.length > 0);
  for (const { verdict, warnings } of runs) {
    t.equal(verdict, 'UNIMPLEMENTED');
    t.match(warnings, [/cannot be trusted/]);
  }
});

await t.test('scenarios that an agent lacks are not run', async (t) => {
  for (const [lacks, lacking] of [
    ['plainPeer', 'plain-peer/echo-server'],
    ['codes', 'disconnect-data/code'],
    ['notices', 'notices/often'],
  ] as const) {
    const { runs } = await runSuite({
      scenarios: loadScenarios().filter(({ id }) => id === lacking),
      client: inProcessAgent({ lacks: [lacks] }),
      server: inProcessAgent(),
    });
    t.ok(runs.length > 0);
    for (const { verdict, data, teardown, warnings, transcript } of runs) {
      t.equal(verdict, 'UNIMPLEMENTED', lacking);
      t.equal(data, 'UNIMPLEMENTED');
      t.equal(teardown, null);
      const [warning] = warnings;
      t.ok(warning?.startsWith(`${lacks}: the agents have none in common`));
      t.strictSame(transcript, []);
    }
  }
});

t.test("a pipe of Windows' and a Unix socket do not meet", (t) => {
  const { runs } = planRuns({ scenarios, families: ['unix'] });
  const { tested } = runs[0]!;
  const on = (system: string) => ({ ...hello, system }) as Hello;
  for (const [client, server, lacks] of [
    ['linux x64, Node 20.20.2', 'linux arm64, Node 26.10.0', []],
    ['win32 x64, Node 22.23.3', 'win32 AMD64, Python 3.12.1', []],
    ['win32 x64, Node 22.23.3', 'linux x64, Node 20.20.2', ['unix']],
    ['linux x64, Node 20.20.2', 'win32 x64, Node 22.23.3', ['unix']],
  ] as const) {
    t.strictSame(lacking(tested, [on(client), on(server)]), lacks);
  }
  t.end();
});
