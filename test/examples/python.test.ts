import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import t, { type Test } from 'tap';
import {
  accept,
  createServer,
  reject,
  type Server,
  type Socket,
} from '../../src/index.js';
import type { ServerOptions } from '../../src/server/options.js';
import { freePipePath } from '../support/media.js';
import { isWindows } from '../support/platform.js';
import { findPython } from '../support/programs.js';
import { portOf, serve } from '../support/serve.js';
import { outcomeOf, type Outcome } from './run.js';

// The client in Python against our servers.

const root = path.resolve(import.meta.dirname, '../../..');
const folder = path.join(root, 'examples/python');
const certificate = path.join(root, 'test/fixtures/tls/cert.pem');
const tls = {
  cert: readFileSync(certificate),
  key: readFileSync(path.join(root, 'test/fixtures/tls/key.pem')),
};

const python = findPython();
const skip = python === undefined && 'there is no Python 3.9 or later';

function run(t: Test, ...args: string[]): Promise<Outcome> {
  // A socket that is left open shows on stderr.
  const child = spawn(python!, ['-W', 'always::ResourceWarning', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' },
  });
  t.teardown(() => child.kill('SIGKILL'));
  return outcomeOf(child);
}

/** Runs lines with a connection in `c`; `where` has connect's arguments. */
async function client(
  t: Test,
  where: string,
  ...lines: string[]
): Promise<string> {
  const program = [
    'import asyncio, goodbyte, ssl',
    'async def main():',
    `    async with await goodbyte.connect(${where}) as c:`,
    ...lines.map((line) => `        ${line}`),
    'asyncio.run(main())',
  ];
  const { code, stdout, stderr } = await run(t, '-c', program.join('\n'));
  t.equal(stderr, '');
  t.equal(code, 0);
  return stdout;
}

const trusting = `ssl.create_default_context(cafile=${JSON.stringify(certificate)})`;

/** The server's address, as arguments of the client's connect. */
async function listening(t: Test, server: Server, over: string) {
  t.teardown(() => server.close());
  const place = freePipePath();
  if (over === 'a Unix socket') server.listen(place);
  else server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  if (over === 'a Unix socket') return `path=${JSON.stringify(place)}`;
  const more = over === 'TLS' ? `, ssl=${trusting}` : '';
  return `'127.0.0.1', ${portOf(server)}${more}`;
}

for (const over of ['TCP', 'TLS', 'a Unix socket']) {
  const left = skip || (over === 'a Unix socket' && isWindows && 'needs Unix');
  t.test(`all words over ${over}`, { skip: left }, async (t) => {
    const heard: string[] = [];
    const options: ServerOptions = {
      ...(over === 'TLS' && { tls }),
      condition({ callerData }) {
        heard.push(String(callerData));
        return accept({ calleeData: 'good morning' });
      },
    };
    const server = createServer(options, (socket) => {
      socket.on('data', (data) => heard.push(String(data)));
      socket.answer = (word) => `${String(word)}, too`;
    });
    const where = await listening(t, server, over);
    const printed = await client(
      t,
      `${where}, caller_data=b'teller 7'`,
      'print(c.callee_data)',
      "await c.write(b'20 in')",
      "print(await c.disconnect(b'41'))",
    );
    t.equal(printed.replaceAll('\r', ''), "b'good morning'\nb'41, too'\n");
    t.strictSame(heard, ['teller 7', '20 in']);
  });

  t.test(`the server ends first, over ${over}`, { skip: left }, async (t) => {
    let answered: Promise<Buffer | undefined> | undefined;
    const server = createServer(over === 'TLS' ? { tls } : {}, (socket) => {
      socket.write('one');
      answered = socket.disconnect('noon');
    });
    const where = await listening(t, server, over);
    const printed = await client(
      t,
      `${where}, answer=lambda word: word + b', thanks'`,
      'print([octets async for octets in c], c.last_word)',
    );
    t.equal(printed.trimEnd(), "[b'one'] b'noon'");
    t.equal(String(await answered), 'noon, thanks');
  });
}

t.test('a refusal, and its data', { skip }, async (t) => {
  const { port } = await serve(t, { condition: () => reject('who?') });
  const { code, stdout, stderr } = await run(
    t,
    path.join(folder, 'teller.py'),
    '--host',
    '127.0.0.1',
    String(port),
  );
  t.strictSame([code, stdout], [1, '']);
  t.equal(stderr.trimEnd(), 'refused: who?');
});

t.test('a reset and a cut are not goodbyes', { skip }, async (t) => {
  const ends: Record<string, (socket: Socket) => void> = {
    reset: (socket) => socket.resetAndDestroy(),
    cut: (socket) => (socket.stream as net.Socket).end(),
  };
  for (const [name, end] of Object.entries(ends)) {
    const server = createServer();
    const carrier = net.createServer((stream) => server.adopt(stream));
    server.on('connection', (socket) => socket.once('data', () => end(socket)));
    await once(carrier.listen(0, '127.0.0.1'), 'listening');
    t.teardown(() => carrier.close());
    const { port } = carrier.address() as net.AddressInfo;
    const printed = await client(
      t,
      `'127.0.0.1', ${port}`,
      "await c.write(b'end it')",
      'try: [octets async for octets in c]',
      'except goodbyte.Lost as lost: print(lost)',
    );
    t.equal(printed.trimEnd(), `the connection was lost: ${name}`);
  }
});

t.test('numbers beside words, and notices', { skip }, async (t) => {
  const heard: unknown[] = [];
  const { port } = await serve(
    t,
    {
      condition: ({ callerData }) =>
        callerData ? accept() : reject('later', { code: 3, mayRepeat: true }),
    },
    (socket) => {
      socket.once('data', () => socket.resetAndDestroy({ code: 9 }));
      socket.notify('soon', { code: 4 });
      socket.answer = (word, code) => {
        heard.push(String(word), code);
        return { data: 'bye', code: 6 };
      };
    },
  );
  const where = `'127.0.0.1', ${port}`;
  const said = await client(
    t,
    `${where}, caller_data=b'me', notice=lambda *notice: print(notice)`,
    "print(await c.disconnect(b'41', code=5), c.last_code)",
    `try: await goodbyte.connect(${where})`,
    'except goodbyte.Refused as refused:',
    '    print(refused.reject_data, refused.reject_code, refused.may_repeat)',
    `other = await goodbyte.connect(${where}, caller_data=b'me')`,
    "await other.write(b'reset me')",
    'try: await other.disconnect()',
    'except goodbyte.Lost as lost: print(lost.reset_code)',
    'await other.close()',
  );
  t.strictSame(said.replaceAll('\r', '').split('\n'), [
    "(b'soon', 4)",
    "b'bye' 6",
    "b'later' 3 True",
    '9',
    '',
  ]);
  t.strictSame(heard, ['41', 5]);
});

t.test('more than either side holds, read or not', { skip }, async (t) => {
  const size = 4 << 20;
  const { port } = await serve(t, {}, (socket) => {
    socket.write(Buffer.alloc(size));
    socket.answer = () => 'so long';
  });
  const where = `'127.0.0.1', ${port}`;
  const read = await client(
    t,
    where,
    'ending = asyncio.ensure_future(c.disconnect(drop=False))',
    'print(sum([len(octets) async for octets in c]), await ending)',
  );
  t.equal(read.trimEnd(), `${size} b'so long'`);
  t.equal(
    (await client(t, where, 'print(await c.disconnect())')).trimEnd(),
    "b'so long'",
  );
});

t.test('messages', { skip }, async (t) => {
  const { port } = await serve(t, { socketType: 'message' }, (socket) => {
    socket.on('data', (message: Buffer) => socket.write(message));
  });
  const printed = await client(
    t,
    `'127.0.0.1', ${port}, message=True`,
    "for one in b'one', b'', b'three': await c.write(one)",
    'print([await c.__anext__() for _ in range(3)])',
  );
  t.equal(printed.trimEnd(), "[b'one', b'', b'three']");
});

t.test('a failure in the client resets', { skip }, async (t) => {
  const { server, port } = await serve(t);
  const failed = once(server, 'connectionError');
  const { code } = await run(
    t,
    '-c',
    'import asyncio, goodbyte\n' +
      'async def main():\n' +
      `    async with await goodbyte.connect('127.0.0.1', ${port}):\n` +
      '        1 / 0\n' +
      'asyncio.run(main())',
  );
  t.equal(code, 1);
  t.match((await failed)[0], { code: 'ECONNRESET' });
});
