import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Ajv2020, type SchemaObject } from 'ajv/dist/2020.js';
import t from 'tap';
import { nameInList } from '../../conformance/scenario/case-list.js';
import { representativesOf } from '../../conformance/scenario/representatives.js';
import {
  inProcessAgent,
  LineChannel,
  loadScenarios,
  runSuite,
  serveAgent,
  type AgentSource,
  type MessageChannel,
} from '../../conformance/index.js';
import { callTable } from '../../conformance/agent/call-table.js';
import schemaFile from '../../conformance/protocol/agent-protocol.schema.json' with { type: 'json' };
import { memoryChannels } from '../../conformance/protocol/channel.js';
import {
  AgentProtocolError,
  parseAgentMessage,
} from '../../conformance/protocol/parse.js';
import { AgentLink } from '../../conformance/runner/agent-link.js';
import type { StartedAgent } from '../../conformance/runner/agent-source.js';
import { hello } from '../support/hello.js';
import { PATIENCE } from '../support/patience.js';
import { findPython } from '../support/programs.js';

// The schema is the source: docs/agent-protocol.md and the types are made from it,
// and the runner and the agents follow it.

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string =>
  readFileSync(path.join(root, file), 'utf8');

interface Described {
  'x-result'?: string[];
  required: string[];
  properties: Record<string, object>;
}

const schema = schemaFile as unknown as {
  $defs: Record<'agent' | 'runner' | 'calls', Record<string, Described>>;
};
const { agent, runner, calls } = schema.$defs;
const page = read('docs/agent-protocol.md');

/** The rows of the first table after a heading, without its header. */
function tableBehind(heading: string): string[][] {
  const at = page.indexOf(`\n${heading}\n`);
  t.not(at, -1, `there is "${heading}"`);
  const [table = ''] = /^(?:\|.*\n)+/m.exec(page.slice(at + 1)) ?? [];
  return table
    .trim()
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const unquoted = (cell: string): string => cell.replaceAll('`', '');

/** Members in the table's notation: with `?` if they may be absent. */
const asNamed = ({ required, properties }: Described): string[] =>
  Object.keys(properties)
    .filter((name) => name !== 'type')
    .map((name) => (required.includes(name) ? name : `${name}?`));

t.test('page and types are made from the schema', async (t) => {
  const script = path.join(root, 'scripts', 'agent-protocol.mjs');
  const run = promisify(execFile)(process.execPath, [script, '--check']);
  t.strictSame(await run, { stdout: '', stderr: '' });
});

t.test('the page has a table for each message', (t) => {
  for (const [type, described] of Object.entries({ ...agent, ...runner })) {
    const named = tableBehind(`### ${type}`).map(
      ([name = '', kind = '']) =>
        `${unquoted(name)}${kind.endsWith('?') ? '?' : ''}`,
    );
    t.strictSame(named, asNamed(described), type);
  }
  t.strictSame(
    [...page.matchAll(/^### (.*)$/gm)].map(([, type]) => type),
    Object.keys({ ...agent, ...runner }),
  );
  t.end();
});

t.test('schema and agent have the same calls', (t) => {
  t.strictSame(Object.keys(callTable), Object.keys(calls));
  t.strictSame(
    schemaFile.$defs.runner.step.allOf.map((one) => [
      one.if.properties.call.const,
      one.then.properties.with.$ref,
    ]),
    Object.keys(calls).map((call) => [call, `#/$defs/calls/${call}`]),
  );
  for (const [call, { 'x-result': named = [] }] of Object.entries(calls)) {
    const unknown = named.filter((name) => !agent['result']?.properties[name]);
    t.strictSame(unknown, [], call);
  }
  t.end();
});

const ajv = new Ajv2020({ strict: false });
const validate = ajv.compile(schema as SchemaObject);

/** The schema, but closed: a message may have no further members. */
const strict = ajv.compile(
  JSON.parse(JSON.stringify(schema), (_, value: unknown) =>
    typeof value === 'object' &&
    value !== null &&
    'required' in value &&
    'properties' in value &&
    !('additionalProperties' in value)
      ? { ...value, additionalProperties: false }
      : value,
  ) as SchemaObject,
);

t.test('the session of the page is valid', (t) => {
  const lines = [...page.matchAll(/^[←→] (.*)$/gm)].map(([, line]) => line!);
  t.ok(lines.length > 10);
  for (const line of lines) t.ok(strict(JSON.parse(line)), line);
  t.end();
});

t.test('invalid messages', (t) => {
  const step = { type: 'step', seq: 1, step: '1', call: 'WSARecv', with: {} };
  const wrong: object[] = [
    {},
    { type: 'other' },
    { type: 'ended' },
    { type: 'ended', seq: 'one' },
    { type: 'indication', socket: 'a', event: 'FD_OOB', error: null },
    { type: 'result', seq: 1 },
    { type: 'result', seq: 1, error: null, data: '0' },
    { type: 'unsupported', seq: 1, what: 'a\u001B[2J' },
    step,
    { ...step, with: { socket: 'a', capacity: 'much' } },
    { ...step, call: 'WSASend', with: { socket: 'a', data: {} } },
  ];
  for (const message of wrong) t.notOk(validate(message), message);
  t.ok(validate({ ...step, with: { socket: 'a', later: 2 }, later: 1 }));
  t.ok(validate({ ...step, call: 'later', with: { anything: 1 } }));
  t.end();
});

/** One of each message of an agent, with every member. */
const whole: Record<string, Record<string, unknown>> = {
  hello: { ...hello, lacks: ['tls'], token: 'abc' },
  result: {
    type: 'result',
    seq: 1,
    error: null,
    return: 0,
    data: '00',
    needed: 1,
    messages: ['00'],
    callerData: '00',
    calleeData: '00',
    rejectData: '00',
    conditionCalls: 1,
    callerFamily: 'IPv4',
    calleeFamily: 'IPv6',
    sqos: '00',
    frames: ['ACCEPT'],
    value: true,
    code: 1,
    mayRepeat: true,
    alpn: 'goodbyte/1',
    address: { family: 'IPv4', address: '127.0.0.1', port: 1 },
  },
  unsupported: { type: 'unsupported', seq: 1, what: 'a call' },
  indication: {
    type: 'indication',
    socket: 'a',
    event: 'FD_READ',
    error: null,
  },
  ended: { type: 'ended', seq: 1 },
};

/** Values of every kind, valid for some members and invalid for others. */
const kinds: unknown[] = [
  undefined,
  null,
  true,
  0,
  1.5,
  '',
  'a',
  '0',
  '0g',
  '0A',
  'a\u009b',
  'x'.repeat(1025),
  '\u{1F50C}'.repeat(1024),
  '\u{1F50C}'.repeat(1025),
  '\ud83d'.repeat(1025),
  [],
  [1],
  ['0'],
  ['0A'],
  ['a\u0000'],
  {},
  Array.from({ length: 1025 }, () => '0A'),
  { family: 'IPv4', address: '127.0.0.1' },
  { family: 'IPX', address: '127.0.0.1', port: 1 },
  { family: 'IPv4', address: '127.0.0.1', port: 65_536 },
];

t.test('the runner accepts exactly what the schema allows', (t) => {
  t.strictSame(Object.keys(whole), Object.keys(agent));
  for (const [type, message] of Object.entries(whole)) {
    const names = Object.keys(agent[type]!.properties);
    t.strictSame(Object.keys(message).toSorted(), names.toSorted(), type);
    for (const name of names) {
      for (const kind of kinds) {
        const changed = JSON.parse(
          JSON.stringify({ ...message, [name]: kind }),
        ) as unknown;
        let taken = true;
        try {
          parseAgentMessage(changed);
        } catch (error) {
          taken = false;
          t.ok(error instanceof AgentProtocolError);
        }
        const shown = JSON.stringify(kind)?.slice(0, 40);
        t.equal(taken, validate(changed), `${type}, ${name}: ${shown}`);
      }
    }
  }
  t.end();
});

/** A channel that records every message. */
function recorded(channel: MessageChannel, record: (one: object) => void) {
  const recording: MessageChannel = {
    receiver: undefined,
    send(message) {
      record(message);
      channel.send(message);
    },
    close() {
      channel.close();
    },
  };
  channel.receiver = {
    message(message) {
      record(message as object);
      recording.receiver?.message(message);
    },
    closed(why, how) {
      recording.receiver?.closed(why, how);
    },
  };
  return recording;
}

const messages: object[] = [];
const record = (one: object) => messages.push(one);

const own: AgentSource = {
  ...inProcessAgent(),
  async start(limit) {
    const [ours, theirs] = memoryChannels();
    const opening = AgentLink.open(recorded(ours, record), limit);
    const served = serveAgent(theirs);
    const link = await opening;
    return {
      link,
      async stop() {
        link.close();
        await served;
      },
    };
  },
};

const python = findPython();
const inPython: AgentSource = {
  description: 'python',
  async start(limit) {
    const file = path.join(root, 'conformance/agents/python/agent.py');
    const child = spawn(python!, [file]);
    const exit = once(child, 'exit');
    const channel = recorded(
      new LineChannel(child.stdout, child.stdin),
      record,
    );
    const link = await AgentLink.open(channel, limit);
    return {
      link,
      async stop() {
        link.close();
        await exit;
      },
    };
  },
  async stop() {},
};

const noPython = python === undefined && 'there is no Python 3.9 or later';

const speakers: [string, AgentSource, RegExp, string | false][] = [
  ['our own agent', own, /./, false],
  ['the agent in Python', inPython, /^(eight-steps|messages)\//, noPython],
];

for (const [name, source, part, skip] of speakers) {
  t.test(`the session with ${name} is valid`, { skip }, async (t) => {
    messages.length = 0;
    const agents: StartedAgent[] = [];
    const client: AgentSource = {
      ...source,
      async start(limit) {
        const agent = await source.start(limit);
        agents.push(agent);
        return agent;
      },
    };
    const scenarios = loadScenarios().filter(({ id }) => part.test(id));
    const chosen = new Set(
      scenarios.flatMap((one) => representativesOf(one).map(nameInList)),
    );
    await runSuite({
      scenarios,
      only: (tested) => chosen.has(nameInList(tested)),
      client,
      server: client,
      maxOrders: 1,
      jobs: 2,
      timeout: PATIENCE,
    });
    await Promise.all(agents.map((agent) => agent.stop()));
    const bad = messages.filter((one) => !strict(one));
    t.strictSame(bad.slice(0, 3), [], `${bad.length} are not`);
    t.ok(messages.length > 100, `${messages.length} messages`);
    const types = messages.map((one) => (one as { type: string }).type);
    // The others report failures, which do not occur here.
    t.strictSame([...new Set(types)].toSorted(), [
      'begin',
      'end',
      'ended',
      'hello',
      'indication',
      'result',
      'step',
    ]);
  });
}
