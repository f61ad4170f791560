import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { connect } from '../../src/promises.js';
import { needsUnix } from '../support/platform.js';
import { defaultSocketOptions } from '../../src/provider/provider.js';

// Runs the samples of the pages, and compares their claims with the code.

const root = path.resolve(import.meta.dirname, '../../..');
const page = (name: string) => readFileSync(path.join(root, name), 'utf8');

interface Sample {
  language: string;
  code: string;
}

function samplesOf(name: string): Sample[] {
  return Array.from(
    page(name).matchAll(/^```(js|ts)\n(.*?)^```$/gms),
    ([, language = '', code = '']) => ({ language, code }),
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs a sample unchanged except for its port. */
function run(t: Test, { code }: Sample, port: number) {
  // Inside the package, which is then found by its name.
  const file = path.join(t.testdir(), `sample-${port}.mjs`);
  writeFileSync(file, code.replaceAll('4711', String(port)));
  const child = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

/** Runs a sample that ends by itself; returns its output. */
function printed(t: Test, sample: Sample, port: number): Promise<string> {
  return text(run(t, sample, port).stdout);
}

/** Tries until it listens, which it does not announce. */
async function connectSoon(
  port: number,
  child: ChildProcess,
  options: { callerData: string; socketType?: 'message' } = {
    callerData: 'teller of the test',
  },
) {
  for (;;) {
    try {
      return await connect({ port, ...options });
    } catch (error) {
      if (child.exitCode !== null) throw error;
      if ((error as { code?: string }).code !== 'ECONNREFUSED') throw error;
      await wait(20);
    }
  }
}

t.test('the README’s two programs work', async (t) => {
  const [ledger, teller, ...more] = samplesOf('README.md');
  t.strictSame(more, [], 'each sample is run here');
  const port = await freePort();
  const server = run(t, ledger!, port);
  const first = await connectSoon(port, server);
  t.equal(String(await first.disconnect('no number')), '0');
  const client = run(t, teller!, port);
  t.equal(
    await text(client.stdout),
    'the ledger says good morning\nthe grand total is 41\n',
  );
  await t.rejects(connect({ port, callerData: 'a stranger' }), {
    code: 'ECONNREFUSED',
    rejectData: Buffer.from('unknown teller'),
  });
});

t.test('the API page’s example works', async (t) => {
  const [example, ...more] = samplesOf('docs/api.md');
  t.strictSame(more, [], 'each sample is run here');
  const child = run(t, example!, await freePort());
  t.equal(await text(child.stdout), 'the grand total is 41\n');
});

t.test('the server behind a proxy works', async (t) => {
  const [example, ...more] = samplesOf('docs/behind-a-proxy.md');
  t.strictSame(more, [], 'each sample is run here');
  const port = await freePort();
  const child = run(t, example!, port);
  const caller = await connectSoon(port, child);
  // It does not come from a listed proxy.
  t.match(String(await caller.disconnect()), /^so long, .*127\.0\.0\.1$/);
});

t.test('the guide from net works', async (t) => {
  const [before, old, framed, stranger, ...more] = samplesOf(
    'docs/guides/from-net.md',
  );
  t.strictSame(more, [], 'each sample is run here');
  const port = await freePort();
  const server = run(t, before!, port);
  const probe = await connectSoon(port, server, { callerData: 'client 1' });
  await probe.disconnect();
  t.equal(await printed(t, old!, port), 'plain: hello\n');
  t.equal(
    await printed(t, framed!, port),
    'framed: hello\nthe server says: nothing\n',
  );
  t.equal(await printed(t, stranger!, port), 'ECONNREFUSED unknown client\n');
});

t.test('the guide from ws works', async (t) => {
  const [before, client, stranger, ...more] = samplesOf(
    'docs/guides/from-ws.md',
  );
  t.strictSame(more, [], 'each sample is run here');
  const port = await freePort();
  const server = run(t, before!, port);
  const probe = await connectSoon(port, server, {
    callerData: 'token 1',
    socketType: 'message',
  });
  await probe.disconnect();
  t.equal(
    await printed(t, client!, port),
    'message: hello\nclosed: 4400 empty message\n',
  );
  t.equal(await printed(t, stranger!, port), 'refused: 4401 unknown token\n');
});

for (const guide of ['from-net', 'from-ws']) {
  t.test(
    `the server of the guide ${guide} says why it stops`,
    { skip: needsUnix('SIGTERM') },
    async (t) => {
      const [sample] = samplesOf(`docs/guides/${guide}.md`);
      const port = await freePort();
      const server = run(t, sample!, port);
      const options =
        guide === 'from-ws'
          ? ({ callerData: 'token 1', socketType: 'message' } as const)
          : { callerData: 'client 1' };
      const client = await connectSoon(port, server, options);
      server.kill('SIGTERM');
      const [reason, code] = await once(client.resume(), 'disconnect');
      t.match(String(reason), guide === 'from-ws' ? 'restart' : 'back at noon');
      t.equal(code, guide === 'from-ws' ? 1012 : undefined);
      t.strictSame(await once(server, 'exit'), [0, null]);
    },
  );
}

t.test('the guide to checking a provider works', async (t) => {
  const [sample, ...more] = samplesOf('docs/guides/check-a-provider.md');
  t.strictSame(more, [], 'each sample is run here');
  const lines = (await printed(t, sample!, 0)).trimEnd().split('\n');
  t.ok(lines.length > 1);
  for (const line of lines) t.match(line, /^OK eight-steps/);
});

t.test('every guide is run here', (t) => {
  t.strictSame(readdirSync(path.join(root, 'docs/guides')).toSorted(), [
    'check-a-provider.md',
    'from-net.md',
    'from-ws.md',
  ]);
  t.end();
});

t.test('no other page has a sample that nothing runs', (t) => {
  const checked = new Set(['api.md', 'behind-a-proxy.md']);
  for (const name of readdirSync(path.join(root, 'docs'))) {
    if (!name.endsWith('.md') || checked.has(name)) continue;
    for (const { code } of samplesOf(`docs/${name}`)) {
      // A fragment of a test file.
      t.match(code, "from 'goodbyte/conformance'", name);
    }
  }
  t.end();
});

/** `65,535`, `1 MiB`, `75 s`, `false`, in the notation of a table. */
function valueOf(cell: string): unknown {
  const word = cell.replaceAll('`', '').replaceAll(',', '').trim();
  if (word === 'false') return false;
  const [number, unit] = word.split(' ');
  const factor = { MiB: 1024 * 1024, s: 1000 }[unit ?? ''] ?? 1;
  return Number(number) * factor;
}

/** The first cell of each row in a page's tables. */
function rowsOf(name: string): string[][] {
  return Array.from(page(name).matchAll(/^\|(.+)\|$/gm), ([, row = '']) =>
    row.split('|').map((cell) => cell.trim()),
  );
}

t.test('the API page has the actual defaults', (t) => {
  const told = rowsOf('docs/api.md').filter(
    ([name = '']) => name.replaceAll('`', '') in defaultSocketOptions,
  );
  const names = told.map(([name]) => name!.replaceAll('`', ''));
  t.strictSame(
    names.toSorted(),
    Object.keys(defaultSocketOptions)
      // The Winsock-named calls have these; socketType has a name here.
      .filter((name) => !['receiveBuffer', 'sendBuffer'].includes(name))
      .toSorted(),
  );
  const values: Record<string, unknown> = { ...defaultSocketOptions };
  for (const [index, [, value = '']] of told.entries()) {
    const name = names[index]!;
    if (name === 'socketType') t.equal(value, '`stream`');
    else t.equal(valueOf(value), values[name], name);
  }
  t.end();
});

t.test('the wire format has the actual defaults', (t) => {
  const { connectTimeout, handshakeTimeout, deferTimeout, lingerTimeout } =
    defaultSocketOptions;
  const expected: Record<string, number> = {
    'handshake, caller': connectTimeout,
    'handshake, callee': handshakeTimeout,
    'verdict, callee': deferTimeout,
    linger: lingerTimeout,
  };
  const rows = rowsOf('docs/wire-format.md').filter(
    ([name = '']) => name in expected,
  );
  t.equal(rows.length, Object.keys(expected).length);
  for (const [name = '', , value = ''] of rows) {
    t.equal(valueOf(value), expected[name], name);
  }
  const { userDataLimit, messageLimit } = defaultSocketOptions;
  const format = page('docs/wire-format.md');
  t.match(format, userDataLimit.toLocaleString('en'));
  t.match(format, `The default limit is ${messageLimit.toLocaleString('en')}.`);
  t.end();
});
