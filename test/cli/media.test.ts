import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { boxes } from '../proxies/boxes.js';
import { has, start as startBox } from '../proxies/start.js';
import { freePipePath } from '../support/media.js';
import { needsUnix } from '../support/platform.js';
import { findPython } from '../support/programs.js';
import { background } from './background.js';
import { cli } from './cli-harness.js';

// The everyday commands against each other, node:net and the client in Python,
// over each medium.

const root = path.resolve(import.meta.dirname, '../../..');
const certificate = path.join(root, 'test/fixtures/tls/cert.pem');
const key = path.join(root, 'test/fixtures/tls/key.pem');
const python = findPython();

interface Medium {
  name: string;
  skip?: string | false;
  /** Where to listen. */
  readonly place: () => string;
  callee: string[];
  caller: string[];
  /** The address to call, if it differs from the callee's. */
  readonly behind?: (t: Test, at: string) => Promise<string>;
}

const nginx = boxes.find(({ name }) => name === 'nginx')!;
const port0 = () => '127.0.0.1:0';

const media: Medium[] = [
  { name: 'TCP', place: port0, callee: [], caller: [] },
  {
    name: 'TLS',
    place: port0,
    callee: ['--cert', certificate, '--key', key],
    caller: ['--tls', '--ca', certificate],
  },
  {
    name: 'a Unix socket',
    skip: needsUnix('Unix sockets'),
    place: freePipePath,
    callee: [],
    caller: [],
  },
  {
    name: 'TCP behind nginx',
    skip: needsUnix('proxies') || (!has(nginx) && 'there is no nginx'),
    place: port0,
    callee: [],
    caller: [],
    behind: async (t, at) => {
      const port = await startBox(t, nginx, Number(at.split(':')[1]));
      return `127.0.0.1:${port}`;
    },
  },
];

/** A person who types one line, and leaves the last word to the caller. */
async function* typing() {
  yield 'from stdin';
  await new Promise(() => {});
}

for (const { name, skip = false, ...medium } of media) {
  const { callee, caller, place } = medium;
  const behind = medium.behind ?? ((_: Test, at: string) => at);

  /** A listening command with all of its words. */
  async function listening(t: Test, ...more: string[]) {
    const words = ['--callee-data', 'hello', '--answer', 'adieu', ...more];
    const args = ['listen', place(), ...callee, ...words];
    const heard = await background(t, args, typing());
    return { ...heard, at: await behind(t, heard.at) };
  }

  t.test(`listen and connect over ${name}`, { skip }, async (t) => {
    const { at, saw, ended, stdout } = await listening(t);
    const words = ['--caller-data', 'me', '--last-word', '41'];
    const { code, stdout: printed } = await cli(
      ['connect', at, ...caller, ...words],
      { stdin: ['20 in'] },
    );
    t.equal(code, 0);
    t.equal(printed, 'from stdin');
    t.equal(await ended, 0);
    t.equal(stdout(), '20 in');
    t.match(await saw('a caller'), { callerData: 'me' });
    t.match(await saw('goodbye'), { lastWord: '41' });
  });

  t.test(`listen and probe over ${name}`, { skip }, async (t) => {
    const { at, ended } = await listening(t);
    const { code, stdout } = await cli(['probe', at, '--json', ...caller]);
    t.equal(code, 0);
    t.match(stdout, '"calleeData":"hello","protocol":"goodbyte/1"');
    t.equal(/"tls":/.test(stdout), callee.length > 0);
    t.equal(await ended, 0);
  });

  t.test(
    `listen and the client in Python over ${name}`,
    { skip: skip || (!python && 'there is no Python 3.9 or later') },
    async (t) => {
      const { at, ended, saw, stdout } = await listening(t);
      const where = at.includes('/')
        ? `path=${JSON.stringify(at)}`
        : `*'${at}'.split(':')`;
      const tls =
        callee.length > 0
          ? `, ssl=ssl.create_default_context(cafile=${JSON.stringify(certificate)})`
          : '';
      const program =
        'import asyncio, goodbyte, ssl\n' +
        'async def main():\n' +
        `    async with await goodbyte.connect(${where}${tls}) as c:\n` +
        "        await c.write(b'20 in')\n" +
        "        print(c.callee_data, await c.disconnect(b'41'))\n" +
        'asyncio.run(main())';
      const child = spawn(python!, ['-c', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          ...process.env,
          PYTHONPATH: path.join(root, 'examples/python'),
          PYTHONDONTWRITEBYTECODE: '1',
        },
      });
      t.teardown(() => child.kill('SIGKILL'));
      t.equal((await text(child.stdout)).trimEnd(), "b'hello' b'adieu'");
      t.equal(await ended, 0);
      t.equal(stdout(), '20 in');
      t.match(await saw('goodbye'), { lastWord: '41' });
    },
  );

  t.test(`proxy between two of node:net over ${name}`, { skip }, async (t) => {
    const service = net.createServer((socket) => socket.pipe(socket));
    t.teardown(() => service.close());
    await once(service.listen(0, '127.0.0.1'), 'listening');
    const { port } = service.address() as net.AddressInfo;
    const framed = await background(t, [
      'proxy',
      ...callee,
      place(),
      `127.0.0.1:${port}`,
    ]);
    const plain = await background(t, [
      'proxy',
      '--plain-callers',
      ...caller,
      '127.0.0.1:0',
      await behind(t, framed.at),
    ]);
    t.teardown(plain.stop);
    const echo = net.connect(Number(plain.at.split(':')[1]), '127.0.0.1');
    echo.end('through both');
    t.equal(await text(echo), 'through both');
    await framed.saw('goodbye');
  });
}

t.test('connect and probe to node:net', async (t) => {
  const plain = net.createServer((socket) => {
    socket.on('error', () => {}).end('220 hello\r\n');
  });
  t.teardown(() => plain.close());
  await once(plain.listen(0, '127.0.0.1'), 'listening');
  const { port } = plain.address() as net.AddressInfo;
  for (const command of ['connect', 'probe']) {
    const { code, stdout, stderr } = await cli([command, String(port)]);
    t.equal(code, 1, command);
    t.match(
      stdout + stderr,
      /failed; error: ".*does not speak goodbyte framing/,
    );
  }
});

t.test('listen to a caller of node:net, and then to another', async (t) => {
  const { at, saw, ended } = await background(t, ['listen', '127.0.0.1:0']);
  const plain = net.connect(Number(at.split(':')[1]), '127.0.0.1');
  plain
    .resume()
    .on('error', () => {})
    .write('GET / HTTP/1.1\r\n\r\n');
  const closed = new Promise((resolve) => plain.once('close', resolve));
  await saw('a handshake failed');
  await closed;
  t.equal((await cli(['connect', at])).code, 0);
  t.equal(await ended, 0);
});
