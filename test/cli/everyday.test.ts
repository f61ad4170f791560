import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createNetServer } from 'node:net';
import t, { type Test } from 'tap';
import { accept, createServer, reject, type Server } from '../../src/index.js';
import type { AddressInfo } from '../../src/socket.js';
import { placeOf, type Place } from '../../cli/everyday/place.js';
import { needsUnix } from '../support/platform.js';
import { main } from '../support/programs.js';
import { cli } from './cli-harness.js';

async function up(t: Test, server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const events = (stderr: string) =>
  stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

await t.test('connect: all four words, and data both ways', async (t) => {
  const heard: string[] = [];
  const place = await up(
    t,
    createServer(
      {
        condition: ({ callerData }) => {
          heard.push(String(callerData));
          return accept({ calleeData: 'good \u001b morning' });
        },
      },
      (socket) => {
        socket.on('data', (chunk) => heard.push(chunk.toString()));
        socket.answer = (word) => {
          heard.push(String(word));
          socket.write('so long');
          return 'the total';
        };
      },
    ),
  );
  const { code, stdout, stderr } = await cli(
    ['connect', place, '--caller-data', 'teller 7', '--last-word', '41'],
    { stdin: ['20 in'] },
  );
  t.equal(code, 0);
  t.equal(stdout, 'so long');
  t.same(heard, ['teller 7', '20 in', '41']);
  t.match(stderr, 'connected; callee data: "good \\\\u{1b} morning"');
  t.match(stderr, 'goodbye; last word: "the total"');
});

await t.test('connect: exit codes, and why', async (t) => {
  const cases: {
    title: string;
    server: () => Server;
    args?: string[];
    code: number;
    event: Record<string, unknown>;
  }[] = [
    {
      title: 'the server ends first, and gets an answer',
      server: () =>
        createServer((socket) => {
          void socket.resume().disconnect('back at noon', { code: 7 });
        }),
      code: 0,
      event: {
        event: 'goodbye',
        lastWord: 'back at noon',
        code: 7,
        see: undefined,
      },
    },
    {
      title: 'refused',
      server: () =>
        createServer({ condition: () => reject('unknown', { code: 8 }) }),
      code: 10,
      event: {
        event: 'refused',
        rejectData: 'unknown',
        code: 8,
        see: 'goodbyte/docs/errors.md#econnrefused',
      },
    },
    {
      title: 'reset',
      server: () =>
        createServer((socket) => {
          socket.on('error', () => {}).resetAndDestroy({ code: 9 });
        }),
      code: 11,
      event: {
        event: 'reset',
        code: 9,
        see: 'goodbyte/docs/errors.md#econnreset',
      },
    },
    {
      title: 'timed out',
      server: () =>
        createServer({ condition: () => new Promise<never>(() => {}) }),
      args: ['--timeout', '50'],
      code: 12,
      event: { event: 'timed out' },
    },
  ];
  for (const { title, server, args = [], code, event } of cases) {
    await t.test(title, async (t) => {
      const place = await up(t, server());
      const printed = await cli(['connect', place, '--json', ...args]);
      t.equal(printed.code, code);
      t.match(events(printed.stderr).at(-1), event);
    });
  }
  await t.test('cut', async (t) => {
    const server = createServer();
    const carrier = createNetServer((stream) => {
      server.adopt(stream);
      // FIN, and no last word.
      server.once('connection', () => stream.end());
    });
    t.teardown(() => carrier.close());
    await once(carrier.listen(0, '127.0.0.1'), 'listening');
    const { port } = carrier.address() as AddressInfo;
    const printed = await cli(['connect', String(port), '--json']);
    t.equal(printed.code, 13);
    t.match(events(printed.stderr).at(-1), { event: 'cut' });
  });
  const { code, stderr } = await cli(['connect', 'no-such-name.invalid', '1']);
  t.equal(code, 1);
  t.match(stderr, /goodbyte: failed; error: "getaddrinfo/);
});

await t.test('connect: a notice of the server', async (t) => {
  const place = await up(
    t,
    createServer((socket) => {
      socket.resume().notify('in a minute', { code: 3 });
      void socket.disconnect();
    }),
  );
  const { code, stderr } = await cli(['connect', place, '--json']);
  t.equal(code, 0);
  t.match(events(stderr), [
    { event: 'connected' },
    { event: 'the peer will end soon', notice: 'in a minute', code: 3 },
    { event: 'goodbye' },
  ]);
});

await t.test(
  'connect: a server whose process is stopped',
  { skip: needsUnix('signals that stop a process') },
  async (t) => {
    const listening = spawn(
      process.execPath,
      [main, 'listen', '127.0.0.1:0', '--json'],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    t.teardown(() => listening.kill('SIGKILL'));
    const [line] = (await once(listening.stderr, 'data')) as [Buffer];
    const { at } = JSON.parse(line.toString()) as { at: string };
    listening.stdout.once('data', () => listening.kill('SIGSTOP'));
    async function* typing() {
      yield 'hello';
      await new Promise(() => {});
    }
    const { code, stderr } = await cli(
      ['connect', at, '--json', '--idle-timeout', '1000'],
      { stdin: typing() },
    );
    t.equal(code, 12);
    t.match(events(stderr).at(-1), { event: 'timed out' });
  },
);

await t.test('connect and listen, each a process, in messages', async (t) => {
  const listening = spawn(
    process.execPath,
    [main, 'listen', '127.0.0.1:0', '--message', '--json'].concat([
      '--callee-data',
      'hello',
      '--answer',
      'adieu',
    ]),
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  t.teardown(() => listening.kill());
  listening.stderr.setEncoding('utf8');
  let told = '';
  let printed = '';
  listening.stderr.on('data', (text: string) => (told += text));
  listening.stdout.on('data', (text: Buffer) => (printed += text.toString()));
  await once(listening.stderr, 'data');
  const { at } = events(told)[0] as { at: string };
  const { code, stdout, stderr } = await cli(
    ['connect', at, '--message', '--json', '--last-word', 'bye'],
    { stdin: ['one\n', 'two\n'] },
  );
  t.equal(code, 0);
  t.equal(stdout, '');
  t.same(
    events(stderr).map(({ event, calleeData, lastWord }) => [
      event,
      calleeData ?? lastWord,
    ]),
    [
      ['connected', 'hello'],
      ['goodbye', 'adieu'],
    ],
  );
  const [exit] = (await once(listening, 'close')) as [number];
  t.equal(exit, 0);
  t.equal(printed, 'one\ntwo\n');
  t.match(events(told).at(-1), { event: 'goodbye', lastWord: 'bye' });
});

await t.test('listen: refuses everyone, and says when it cannot', async (t) => {
  const listening = spawn(
    process.execPath,
    [main, 'listen', '127.0.0.1:0', '--json', '--reject', 'closed today'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  t.teardown(() => listening.kill());
  const [text] = (await once(listening.stderr, 'data')) as [Buffer];
  const { at } = events(text.toString())[0] as { at: string };
  const refused = await cli(['connect', at, '--json']);
  t.equal(refused.code, 10);
  t.match(events(refused.stderr)[0], { rejectData: 'closed today' });
  const inUse = await cli(['listen', at]);
  t.equal(inUse.code, 1);
  t.match(inUse.stderr, /failed; error: .*EADDRINUSE/);
});

t.test('places', (t) => {
  const places: [string[], Place | RegExp][] = [
    [['a.example', '80'], { host: 'a.example', port: 80 }],
    [['a.example:80'], { host: 'a.example', port: 80 }],
    [['[::1]:80'], { host: '::1', port: 80 }],
    [['::1', '80'], { host: '::1', port: 80 }],
    [['80'], { host: 'localhost', port: 80 }],
    [['./a.sock'], { path: './a.sock' }],
    [['\\\\.\\pipe\\a'], { path: '\\\\.\\pipe\\a' }],
    [[], /takes HOST PORT.*not nothing/],
    [['a', '1', 'b'], /not "a 1 b"/],
    [['a.example'], /"a.example" is not an address/],
    [['::1:80'], /"::1:80" is not an address/],
    [['a:65536'], /from 0 to 65535, not "65536"/],
    [['a', 'http'], /not "http"/],
  ];
  for (const [words, expected] of places) {
    if (expected instanceof RegExp) {
      t.throws(() => placeOf(words, 'connect'), expected, words.join(' '));
    } else {
      t.same(placeOf(words, 'connect'), expected, words.join(' '));
    }
  }
  t.end();
});

await t.test('wrong usage', async (t) => {
  const cases: [string[], RegExp][] = [
    [['connect'], /takes HOST PORT/],
    [['connect', '80', '--ca', 'x'], /--ca and --servername go with --tls/],
    [['connect', '80', '--tls', '--ca', '/none'], /--ca: ENOENT/],
    [['connect', '80', '--timeout', 'soon'], /--timeout takes a whole/],
    [['listen', '80', '--idle-timeout', '9'], /--idle-timeout .* from 1000 on/],
    [['listen', '80', '--cert', 'x'], /--cert and --key go together/],
  ];
  for (const [args, expected] of cases) {
    const { code, stderr } = await cli(args);
    t.equal(code, 2, args.join(' '));
    t.match(stderr, expected);
  }
});
