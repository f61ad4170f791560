import { once } from 'node:events';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import t from 'tap';
import {
  AgentLost,
  connectingAgent,
  LineChannel,
  serveAgent,
  type MessageChannel,
} from '../../conformance/index.js';
import { memoryChannels } from '../../conformance/protocol/channel.js';
import { parseAgentMessage } from '../../conformance/protocol/parse.js';
import { AgentLink } from '../../conformance/runner/agent-link.js';
import { hello } from '../support/hello.js';

/** Records a channel's messages, and why it was closed. */
function listenTo(channel: MessageChannel) {
  const messages: unknown[] = [];
  const closed = new Promise<string>((resolve) => {
    channel.receiver = {
      message: (message) => messages.push(message),
      closed: resolve,
    };
  });
  return { messages, closed };
}

await t.test('lines, however they are cut', async (t) => {
  const input = new PassThrough();
  const { messages, closed } = listenTo(
    new LineChannel(input, new PassThrough()),
  );
  for (const octet of Buffer.from('{"a":1}\n\n{"b":"ü"}\n{"c":')) {
    input.write(Buffer.from([octet]));
  }
  input.end('3}\n{"cut":');
  t.equal(await closed, 'the peer has ended');
  t.strictSame(messages, [{ a: 1 }, { b: 'ü' }, { c: 3 }]);
});

await t.test('lines that are refused', async (t) => {
  const cases: [string, string][] = [
    [`{"a":"${'x'.repeat(100)}"}\n`, 'a line is longer than 64 octets'],
    ['x'.repeat(65), 'a line is longer than 64 octets'],
    ['hello\n', 'a line is not JSON: "hello"'],
  ];
  for (const [text, why] of cases) {
    const input = new PassThrough();
    const { messages, closed } = listenTo(
      new LineChannel(input, new PassThrough(), 64),
    );
    input.write(text);
    t.equal(await closed, why);
    t.strictSame(messages, []);
  }
});

await t.test('messages of an agent that are refused', (t) => {
  const result = { type: 'result', seq: 1, error: null };
  const cases: [unknown, RegExp][] = [
    [null, /unknown type/],
    ['text', /unknown type/],
    [{ type: 'toString' }, /unknown type "toString"/],
    [{ ...hello, protocol: 'other' }, /speaks another protocol/],
    [{ ...hello, agent: 'a\u001B[2J' }, /no usable member "agent"/],
    [{ ...hello, protocols: [{}] }, /no usable member "protocols"/],
    [{ ...hello, protocols: [null] }, /no usable member "protocols"/],
    [{ ...hello, calls: [1] }, /no usable member "calls"/],
    [{ ...hello, lacks: ['a\n'] }, /no usable member "lacks"/],
    [
      { ...hello, calls: Array.from({ length: 1025 }, () => 'fly') },
      /no usable member "calls"/,
    ],
    [{ ...hello, agent: 'a'.repeat(1025) }, /no usable member "agent"/],
    [{ type: ['hello'] }, /unknown type object/],
    [{ ...result, seq: 'one' }, /no usable member "seq"/],
    [{ ...result, error: undefined }, /no usable member "error"/],
    [{ ...result, data: 'zz' }, /no usable member "data"/],
    [{ ...result, data: '012' }, /no usable member "data"/],
    [{ ...result, messages: ['zz'] }, /no usable member "messages"/],
    ...[
      null,
      {},
      { family: 'IPv4', address: 'example.org', port: 1 },
      { family: 'IPv4', address: '::1', port: 1 },
      { family: 'IPv6', address: '127.0.0.1', port: 1 },
      { family: 'IPv4', address: '127.0.0.1', port: 65_536 },
      { family: 'unix', address: 'a\u0000b', port: 0 },
      { family: 'toString', address: 'a', port: 0 },
    ].map((address): [unknown, RegExp] => [
      { ...result, address },
      /no usable member "address"/,
    ]),
    [{ type: 'indication', socket: 'a', event: 1 }, /"event"/],
  ];
  for (const [message, problem] of cases) {
    t.throws(() => parseAgentMessage(message), problem);
  }
  const address = { family: 'IPv6', address: '::1', port: 7 };
  t.strictSame(
    parseAgentMessage({ ...result, address: { ...address, more: 1 }, more: 1 }),
    { ...result, address },
    'unknown members are passed over',
  );
  const protocol = {
    addressFamily: 2,
    socketType: 1,
    serviceFlags1: 0,
    protocol: 'TCP',
  };
  t.strictSame(
    parseAgentMessage({
      ...hello,
      protocols: [{ ...protocol, chain: [[[]]], name: 'a\u001B[2J' }],
    }),
    { ...hello, protocols: [protocol] },
  );
  t.end();
});

await t.test('a hello that is not accepted', async (t) => {
  const cases: [object | undefined, RegExp][] = [
    [{ ...hello, version: 2 }, /speaks version 2 of the protocol/],
    [
      { type: 'hello', protocol: 'goodbyte-agent', version: 2, more: 1 },
      /speaks version 2 of the protocol, this runner version 1/,
    ],
    [{ ...hello, token: 'wrong' }, /the token is wrong/],
    [hello, /the token is wrong/],
    [{ type: 'ended', seq: 1 }, /began with "ended"/],
    [undefined, /said no hello within 50 ms/],
  ];
  for (const [message, problem] of cases) {
    const [ours, theirs] = memoryChannels();
    const { messages } = listenTo(theirs);
    const admits = problem.source.includes('token')
      ? (token?: string) => token === 'right'
      : undefined;
    const opening = AgentLink.open(ours, 50, admits);
    if (message) theirs.send(message);
    await t.rejects(opening, problem);
    await t.rejects(opening, AgentLost);
    t.match(messages, [{ type: 'refused', why: problem }]);
  }
  const [ours, theirs] = memoryChannels();
  const opening = AgentLink.open(ours, 1000);
  theirs.close();
  await t.rejects(opening, /no hello of the agent: closed/);
});

await t.test('an agent that breaks the protocol is lost', async (t) => {
  const [ours, theirs] = memoryChannels();
  const opening = AgentLink.open(ours, 1000);
  theirs.send(hello);
  const link = await opening;
  const asked = link.request({ step: '1', call: 'listen', with: {} });
  theirs.send({ type: 'result', seq: 1, error: 5 });
  await t.rejects(asked, /no usable member "error"/);
  await t.rejects(link.end(), AgentLost);
  t.match(link.lost, /no usable member "error"/);
});

await t.test('an agent answers unknown calls', async (t) => {
  const [ours, theirs] = memoryChannels();
  const opening = AgentLink.open(ours, 1000);
  const served = serveAgent(theirs);
  const link = await opening;
  link.begin({ run: 'x', family: 'IPv4', socketType: 'stream' });
  const cases: [string, Record<string, unknown>, object][] = [
    ['fly', {}, { type: 'unsupported', what: 'fly' }],
    ['listen', { wings: 2 }, { type: 'unsupported', what: 'listen: wings' }],
    ['closesocket', { socket: 'x' }, { error: 'THREW no socket "x"' }],
    [
      'closesocket',
      { socket: `\n${'x'.repeat(2000)}` },
      { error: /^THREW no socket " x{900,}$/ },
    ],
    [
      'setsockopt',
      { socket: 'x', option: 'AF_INET' },
      { type: 'unsupported', what: 'the option AF_INET' },
    ],
  ];
  for (const [call, given, expected] of cases) {
    t.match(await link.request({ step: '1', call, with: given }), expected);
  }
  await link.end();
  link.close();
  t.equal(await served, 'closed');
});

await t.test('only the holder of the token gets in', async (t) => {
  let where: [string, string] | undefined;
  const source = connectingAgent({
    onlistening: (address, token) => (where = [address, token]),
  });
  const starting = source.start(2000);
  while (!where) await new Promise(setImmediate);
  const [address, token] = where;
  const port = Number(address.split(':')[1]);
  const dial = async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };

  const stranger = await dial();
  const heard = listenTo(new LineChannel(stranger, stranger));
  stranger.write(`${JSON.stringify({ ...hello, token: 'wrong' })}\n`);
  await heard.closed;
  t.strictSame(heard.messages, [
    { type: 'refused', why: 'the token is wrong' },
  ]);

  const friend = await dial();
  const served = serveAgent(new LineChannel(friend, friend), { token });
  const { link } = await starting;
  t.match(link.hello.agent, /^goodbyte /);
  await source.stop();
  await served;
});
