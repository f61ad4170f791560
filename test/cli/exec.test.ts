import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import type { Socket, WinsockError } from '../../src/index.js';
import { connect } from '../../src/promises.js';
import { needsUnix } from '../support/platform.js';
import { background } from './background.js';
import { cli } from './cli-harness.js';

// `goodbyte listen --exec`: a shell command serves each caller.

const skip = needsUnix('a shell of the same words');

async function serving(t: Test, command: string, ...more: string[]) {
  const served = await background(t, [
    'listen',
    '127.0.0.1:0',
    '--exec',
    command,
    ...more,
  ]);
  t.teardown(served.stop);
  return { ...served, port: Number(served.at.split(':')[1]) };
}

t.test('each caller has its own command', { skip }, async (t) => {
  const { at, stop } = await serving(
    t,
    'tr a-z A-Z; echo "$GOODBYTE_CALLER_DATA" was here',
    '--answer',
    'adieu',
  );
  const callers = ['ann', 'bea'].map((name) =>
    cli(['connect', at, '--caller-data', name], { stdin: [`i am ${name}\n`] }),
  );
  for (const [index, { code, stdout, stderr }] of (
    await Promise.all(callers)
  ).entries()) {
    const name = ['ann', 'bea'][index]!;
    t.equal(code, 0);
    t.equal(stdout, `I AM ${name.toUpperCase()}\n${name} was here\n`);
    t.match(stderr, 'goodbye; last word: "adieu"');
  }
  t.equal(await stop(), 0);
});

t.test('a command that ends first says goodbye', { skip }, async (t) => {
  const { port } = await serving(t, 'echo hello', '--answer', 'noon');
  const socket = await connect({ port, host: '127.0.0.1' });
  const told = once(socket, 'disconnect');
  t.equal(await text(socket), 'hello\n');
  t.equal(String((await told)[0]), 'noon');
});

t.test(
  'a failing command is not a goodbye, at either end',
  { skip },
  async (t) => {
    const exit7 = { code: 7, error: 'the command failed with exit code 7' };
    const killed = {
      code: undefined,
      error: 'the command was ended by SIGKILL',
    };
    const cases: [
      string,
      (socket: Socket) => unknown,
      string,
      typeof exit7 | typeof killed,
    ][] = [
      ['meanwhile', (socket) => socket.write('line\n'), 'exit 7', exit7],
      ['by a signal', (socket) => socket.write('line\n'), 'kill -9 $$', killed],
      [
        "after the caller's last word",
        (socket) => socket.disconnect().catch(() => {}),
        'exit 7',
        exit7,
      ],
    ];
    for (const [title, provoke, end, { code, error }] of cases) {
      await t.test(title, async (t) => {
        const { port, saw } = await serving(t, `read line; ${end}`);
        const socket = await connect({ port, host: '127.0.0.1' });
        const failed = once(socket, 'error');
        provoke(socket);
        const [failure] = (await failed) as [WinsockError];
        t.match(failure, { code: 'ECONNRESET', resetCode: code });
        t.strictSame(await saw('reset'), {
          event: 'reset',
          ...(code !== undefined && { code }),
          error,
        });
      });
    }
  },
);

t.test('a caller that crashes ends its command', { skip }, async (t) => {
  const { port, saw } = await serving(t, 'echo; exec sleep 1000');
  const socket = await connect({ port, host: '127.0.0.1' });
  await once(socket, 'data');
  socket.resetAndDestroy();
  await saw('reset');
});

t.test('at a signal every caller gets a last word', { skip }, async (t) => {
  const command = 'echo; exec sleep 1000';
  const { port, stop } = await serving(t, command, '--answer', 'closing');
  const socket = await connect({ port, host: '127.0.0.1' });
  await once(socket, 'data');
  const told = once(socket.resume(), 'disconnect');
  const stopped = stop();
  t.equal(String((await told)[0]), 'closing');
  t.equal(await stopped, 0);
});

t.test('options that exclude it', async (t) => {
  for (const more of [['--message'], ['--reject', 'no']]) {
    const args = ['listen', '1', '--exec', 'true', ...more];
    const { code, stderr } = await cli(args);
    t.equal(code, 2);
    t.match(stderr, /--exec goes without --reject and --message/);
  }
});
