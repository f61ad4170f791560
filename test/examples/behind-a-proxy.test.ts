import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import path from 'node:path';
import t from 'tap';
import { cli } from '../cli/cli-harness.js';
import type { Box, Legs } from '../proxies/boxes.js';
import { has, start as startBox } from '../proxies/start.js';
import { needsUnix } from '../support/platform.js';
import { findPython } from '../support/programs.js';
import { outcomeOf, start } from './run.js';

// Runs the real proxies with the configuration files, unchanged except for ports.

const root = path.resolve(import.meta.dirname, '../../..');
const python = findPython();

function configured(legs: Legs, name: string): string {
  const file = path.join(legs.folder, name);
  const text = readFileSync(
    path.join(root, 'examples/behind-a-proxy', name),
    'utf8',
  );
  writeFileSync(
    file,
    text
      .replace(/^(\s*(?:listen|bind) )(:?)4711/m, `$1127.0.0.1:${legs.from}`)
      .replace(/127\.0\.0\.1:4712/, `127.0.0.1:${legs.to}`),
  );
  return file;
}

const boxes: Box[] = [
  {
    name: 'nginx',
    program: 'nginx',
    command: (legs) => [
      'nginx',
      '-e',
      path.join(legs.folder, 'error.log'),
      '-c',
      configured(legs, 'nginx.conf'),
      '-g',
      `daemon off; pid ${legs.folder}/nginx.pid;`,
    ],
  },
  {
    name: 'haproxy',
    program: 'haproxy',
    command: (legs) => [
      'haproxy',
      '-db',
      '-f',
      configured(legs, 'haproxy.cfg'),
    ],
  },
];

for (const box of boxes) {
  const skip =
    needsUnix('proxies') || (!has(box) && `there is no ${box.program}`);
  t.test(`callers behind ${box.name}`, { skip }, async (t) => {
    const server = start(t, 'examples/behind-a-proxy/server.js', '0');
    const lines = createInterface({ input: server.stdout });
    const [line] = (await once(lines, 'line')) as [string];
    const port = await startBox(t, box, Number(line.slice('port '.length)));
    const at = `127.0.0.1:${port}`;

    const connected = await cli(['connect', at, '--last-word', 'bye']);
    t.equal(connected.code, 0);
    t.match(connected.stderr, 'connected; callee data: "you are 127.0.0.1"');
    t.match(connected.stderr, 'goodbye; last word: "so long, 127.0.0.1"');
    const probed = await cli(['probe', at]);
    t.equal(probed.code, 0);

    await t.test(
      'one in Python',
      { skip: !python && 'there is no Python 3.9 or later' },
      async (t) => {
        const program = path.join(root, 'examples/python/teller.py');
        const teller = spawn(python!, [program, String(port)], {
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        t.teardown(() => teller.kill('SIGKILL'));
        const { code, stdout } = await outcomeOf(teller);
        t.equal(code, 0);
        t.match(stdout, /^the grand total is so long, 127\.0\.0\.1$/m);
      },
    );

    // A caller that waits until the server shuts down.
    async function* typing() {
      yield 'hello';
      server.kill('SIGTERM');
      await new Promise(() => {});
    }
    const told = await cli(['connect', at], { stdin: typing() });
    t.equal(told.code, 0);
    t.match(told.stderr, 'goodbye; last word: "restarting"');
  });
}
