import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { connect } from '../../src/promises.js';
import { needsUnix } from '../support/platform.js';
import { main } from '../support/programs.js';

// An agent that says hello and nothing more, and that neither the end of its input
// nor SIGTERM ends.
const deaf = `
  process.on('SIGTERM', () => {});
  process.on('SIGINT', () => {});
  process.stdout.write(JSON.stringify({
    type: 'hello', protocol: 'goodbyte-agent', version: 1, agent: 'deaf',
    system: '', provider: '', protocols: [], calls: [],
  }) + '\\n');
  require('node:fs').writeFileSync(process.argv[2], String(process.pid));
  setInterval(() => {}, 1000);
`;

function isAlive(pid: number): boolean {
  try {
    // A zombie has ended; only its exit code was not collected.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')')).split(' ')[1] !== 'Z';
  } catch {
    return false;
  }
}

const skip =
  needsUnix('/proc') || (process.platform === 'linux' ? false : 'reads /proc');

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(
    `agents end with a runner that gets ${signal}`,
    { skip },
    async (t) => {
      const folder = t.testdir({ 'deaf.cjs': deaf });
      const pidFile = path.join(folder, 'pid');
      const run = spawn(
        process.execPath,
        [
          main,
          'conformance',
          'run',
          '--scenario',
          'eight-steps/fd-close',
          '--client',
          `"${process.execPath}" "${path.join(folder, 'deaf.cjs')}" "${pidFile}"`,
        ],
        { stdio: 'ignore' },
      );
      while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '') {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const pid = Number(readFileSync(pidFile, 'utf8'));
      t.ok(isAlive(pid));
      run.kill(signal);
      const [, endedBy] = (await once(run, 'exit')) as [unknown, string | null];
      t.equal(endedBy, signal, 'which ends it like any program');
      while (isAlive(pid)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      t.pass('the agent is gone');
    },
  );
}

const noSignals = needsUnix('signals from outside, socket files');

/** `goodbyte listen`, in a process of its own that listens at a path. */
async function listening(t: Test, ...args: readonly string[]) {
  const cwd = t.testdir();
  // Relative, since the path of a Unix socket has to be short.
  const command = [main, 'listen', './a', ...args];
  const child = spawn(process.execPath, command, {
    cwd,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stderr, 'data');
  return { child, file: path.join(cwd, 'a') };
}

for (const [args, signal, ending] of [
  [[], 'SIGTERM', [null, 'SIGTERM']],
  [[], 'SIGINT', [null, 'SIGINT']],
  [['--reject', 'no'], 'SIGTERM', [0, null]],
  [['--exec', 'cat'], 'SIGINT', [0, null]],
] as const) {
  const title = ['listen', ...args, 'leaves no file at', signal].join(' ');
  t.test(title, { skip: noSignals }, async (t) => {
    const { child, file } = await listening(t, ...args);
    t.ok(existsSync(file));
    child.kill(signal);
    t.strictSame(await once(child, 'exit'), ending);
    t.notOk(existsSync(file));
  });
}

t.test('nor while it serves a caller', { skip: noSignals }, async (t) => {
  const { child, file } = await listening(t);
  const socket = await connect({ path: path.relative('', file) });
  const failed = once(socket, 'error');
  child.kill('SIGTERM');
  t.strictSame(await once(child, 'exit'), [null, 'SIGTERM']);
  t.notOk(existsSync(file));
  t.match(await failed, [{ code: 'ECONNRESET' }], 'which is not a goodbye');
});
