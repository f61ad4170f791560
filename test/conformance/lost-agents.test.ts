import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import t, { type Test } from 'tap';
import {
  childAgent,
  connectingAgent,
  inProcessAgent,
  jsonReport,
  LineChannel,
  loadScenarios,
  renderReport,
  runSuite,
  type AgentSource,
} from '../../conformance/index.js';
import { AgentLink } from '../../conformance/runner/agent-link.js';
import { describeEnd } from '../../conformance/runner/children.js';
import { reportFormats } from '../../conformance/report/render.js';
import { agentScript } from '../support/agent-script.js';
import { needsUnix } from '../support/platform.js';

// If an agent ends or breaks the protocol, every report says how and why.

const scenarios = loadScenarios().filter(
  ({ id }) => id === 'conditional-accept/not-listening',
);

type Way = 'stdio' | 'tcp';

/** Agents of a program, over stdio or TCP. */
function sourceOf(t: Pick<Test, 'testdir'>, way: Way, text: string) {
  const file = path.join(t.testdir(), 'agent.mjs');
  writeFileSync(file, text);
  const command = [process.execPath, file];
  return way === 'tcp' ? connectingAgent({ command }) : childAgent(command);
}

async function runWith(server: AgentSource, timeout = 10_000) {
  const result = await runSuite({
    scenarios,
    client: inProcessAgent(),
    server,
    timeout,
  });
  return jsonReport(result, { goodbyte: '0.0.0', scenarios, name: 'test' });
}

const stderr = "console.error('one\\ntwo\\nthe last line')";
const shown = ':\none\ntwo\nthe last line';

/** An agent's behaviour at a step, and the expected report. */
const ends: [string, string, string, string | false][] = [
  ['exit code', 'process.exit(3)', 'the agent ended with exit code 3', false],
  [
    'a signal',
    "process.kill(process.pid, 'SIGSEGV')",
    'the agent ended with SIGSEGV',
    needsUnix('signals'),
  ],
];

for (const way of ['stdio', 'tcp'] as const) {
  for (const [name, end, how, skip] of ends) {
    t.test(`${way}: ${name}, and stderr`, { skip }, async (t) => {
      const onstep = `process.stderr.write('one\\ntwo\\nthe last line\\n', () => ${end})`;
      const source = sourceOf(t, way, agentScript({ onstep }));
      const report = await runWith(source);
      t.match(report.runs[0], {
        verdict: 'FAILED',
        findings: [
          {
            agent: 'server',
            outcome: 'lost',
            clauseOf: 'scenario',
            got: `the agent is lost: ${how}${shown}`,
          },
        ],
      });
      t.match(
        report.runs[0]?.transcript.find(({ kind }) => kind === 'lost'),
        { why: `the agent is lost: ${how}${shown}` },
      );
      for (const format of reportFormats) {
        const text = renderReport(format, report);
        t.match(text, how, format);
        t.match(text, 'the last line', format);
      }
    });
  }
}

t.test('an agent that ends when the run does', async (t) => {
  const text = agentScript({ onend: `${stderr}; process.exit(7)` });
  const report = await runWith(sourceOf(t, 'stdio', text));
  t.match(report.runs[0], {
    verdict: 'FAILED',
    teardown: 'FAILED',
    findings: [
      {},
      {
        agent: 'server',
        step: 'end',
        got: `the agent is lost: the agent ended with exit code 7${shown}`,
      },
    ],
  });
});

const staying = { skip: needsUnix('an output that ends before its process') };

t.test('one that leaves while its process stays', staying, async (t) => {
  const onstep = `${stderr}; process.stdout.end(); setInterval(() => {}, 1000)`;
  const source = sourceOf(t, 'stdio', agentScript({ onstep }));
  const report = await runWith(source);
  t.match(report.runs[0]?.findings, [
    { outcome: 'lost', got: /has ended, and its process is still there:\none/ },
  ]);
});

t.test('one that breaks the protocol, and its output on stderr', async (t) => {
  const onstep = `console.error('oh'); setTimeout(() => say({ type: 'x' }), 0)`;
  const report = await runWith(sourceOf(t, 'stdio', agentScript({ onstep })));
  t.match(report.runs[0]?.findings, [
    { outcome: 'lost', got: /^the agent is lost: .* unknown type "x"/ },
  ]);
});

const exit = 'process.exit()';
const flushed = (text: string): string =>
  `output.write(${text}, () => ${exit})`;
const second =
  '{ ...hello, token: process.env.GOODBYTE_AGENT_TOKEN, version: 2 }';

/** An agent's first message, and the reason to refuse it. */
const firsts: [string, Way, string, RegExp][] = [
  [
    'a banner',
    'stdio',
    "console.log('Welcome to \\u001B[1mhost!')",
    /not JSON: "Welcome to \\u001b\[1mhost!"\. Its first line of stdout has to be its hello: if this is the banner of ssh/,
  ],
  [
    'a banner, and the end',
    'stdio',
    `output.write('Last login: today\\n', () => ${exit})`,
    /not JSON: "Last login: today"/,
  ],
  [
    'another version',
    'stdio',
    `say(${second})`,
    /speaks version 2 of the protocol, this runner version 1/,
  ],
  ...(['stdio', 'tcp'] as const).map((way): [string, Way, string, RegExp] => [
    'another version, and the end',
    way,
    flushed(`JSON.stringify(${second}) + '\\n'`),
    /speaks version 2 of the protocol, this runner version 1/,
  ]),
  [
    'nothing, and the end',
    'stdio',
    `console.error('no such option'); process.exitCode = 9; process.stdin.destroy()`,
    /^the agent ended with exit code 9:\nno such option$/,
  ],
  [
    'nothing, and the end, before it connects',
    'tcp',
    `console.error('no such option'); process.exit(9)`,
    /^the agent ended with exit code 9:\nno such option$/,
  ],
];

for (const [name, way, first, problem] of firsts) {
  t.test(`${way}: ${name}`, async (t) => {
    const source = sourceOf(t, way, agentScript({ first }));
    await t.rejects(source.start(20_000), {
      name: 'AgentLost',
      message: problem,
    });
    await source.stop();
  });
}

t.test('an agent that is silent, or does not end its line', async (t) => {
  const cases: [string, RegExp][] = [
    ['', /said no hello within 50 ms: it has to write one .* flush/],
    [
      '{"type":',
      /said no hello within 50 ms: its line does not end: "{\\"type/,
    ],
  ];
  for (const [text, message] of cases) {
    const input = new PassThrough();
    const channel = new LineChannel(input, new PassThrough());
    const opening = AgentLink.open(channel, 50);
    input.write(text);
    await t.rejects(opening, { message });
  }
});

t.test('a byte order mark before the hello', async (t) => {
  const first = "output.write('\\uFEFF' + JSON.stringify(hello) + '\\n')";
  const source = sourceOf(t, 'stdio', agentScript({ first }));
  const { link } = await source.start(20_000);
  t.equal(link.hello.agent, 'test 1');
  await source.stop();
});

t.test('how a process ended', (t) => {
  const cases: [Parameters<typeof describeEnd>, string][] = [
    [[3, null], 'exit code 3'],
    [[null, 'SIGKILL'], 'SIGKILL'],
    [[139, null], "exit code 139 (a shell's for SIGSEGV)"],
    [[255, null], 'exit code 255'],
    [[3_221_225_477, null], 'exit code 3221225477 (0xC0000005)'],
    [[-1_073_741_819, null], 'exit code -1073741819 (0xC0000005)'],
  ];
  for (const [[code, signal], told] of cases) {
    if (code === 139 && process.platform === 'win32') continue;
    t.equal(describeEnd(code, signal), told);
  }
  t.end();
});
