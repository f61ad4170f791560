import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import path from 'node:path';
import t, { type Test } from 'tap';
import { needsUnix } from '../support/platform.js';
import { run, start } from './run.js';

const root = path.resolve(import.meta.dirname, '../../..');
const skip =
  needsUnix('a shell') ||
  (spawnSync('openssl', ['version']).status !== 0 && 'there is no openssl');

function certificates(folder: string, ...clients: string[]): void {
  const program = 'examples/client-certificates/make-certificates.sh';
  const made = spawnSync('sh', [path.join(root, program), folder, ...clients]);
  if (made.status !== 0) throw new Error(made.stderr.toString());
}

t.test('the certificate identifies a client', { skip }, async (t) => {
  const folder = path.join(t.testdir(), 'ours');
  certificates(folder, 'ann', 'eve');
  const server = start(
    t,
    'examples/client-certificates/server.js',
    folder,
    '0',
  );
  const lines = createInterface({ input: server.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  const port = line.slice('port '.length);
  const client = (t: Test, from: string, name: string) =>
    run(t, 'examples/client-certificates/client.js', from, name, port);

  const calls = once(lines, 'line');
  t.match(await client(t, folder, 'ann'), {
    code: 0,
    stdout: 'good morning, ann\nso long, ann\n',
  });
  t.same(await calls, ['ann calls: post the day']);

  t.match(await client(t, folder, 'eve'), {
    code: 1,
    stdout: 'refused: eve may not post\n',
  });

  // A certificate with the right name, from another authority than the server's.
  const others = path.join(t.testdirName, 'others');
  certificates(others, 'ann');
  spawnSync('cp', [path.join(folder, 'ca.pem'), others]);
  const failed = once(lines, 'line');
  t.match(await client(t, others, 'ann'), { code: 1, stdout: /./ });
  t.match(await failed, [/^a handshake failed: /]);
});
