// The whole conformance suite in Bun and in Deno: alone, and against Node.

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from '../support/run.mjs';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const command = at('node_modules/goodbyte/lib/main.js');

const node = [process.execPath];
const bun = [at('node_modules/bun/bin/bun.exe')];
const deno = [process.execPath, at('node_modules/deno/bin.cjs'), 'run'];

const runtimes = [
  { name: 'Bun', run: bun },
  { name: 'Deno', run: [...deno, '--allow-all'] },
];

const go = ([file, ...args], ...rest) => run(file, [...args, ...rest]);

const agent = (runtime) =>
  [...runtime, command, 'conformance', 'agent'].join(' ');

async function whole(runtime, ...options) {
  const suite = ['conformance', 'run', '--case-list', '1', ...options];
  const printed = await go(runtime, command, ...suite);
  assert.match(printed, /1495 runs: 1495 OK/);
}

for (const { name, run: runtime } of runtimes) {
  test(`${name} is named`, async () => {
    const info = await go(runtime, command, 'info');
    assert.match(info, new RegExp(`on ${name} \\d`));
    assert.match(info, /transport: stream \(no addon: this runtime/);
  });
  test(`${name}, alone`, () => whole(runtime));
  test(`${name} connects to Node`, () =>
    whole(node, '--client', agent(runtime)));
  test(`Node connects to ${name}`, () =>
    whole(node, '--server', agent(runtime)));
}

/** The example, in a user's folder where the package is installed. */
function greeter(t) {
  const folder = mkdtempSync(join(tmpdir(), 'goodbyte-greeter-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const program = join(folder, 'greeter.mjs');
  copyFileSync(at('../../examples/anywhere/greeter.mjs'), program);
  copyFileSync(at('package.json'), join(folder, 'package.json'));
  symlinkSync(at('node_modules'), join(folder, 'node_modules'), 'junction');
  return program;
}

const greeted = `refused: who are you?
hello, bea
echoed: some data
answered: you said goodbye
`;

// Deno needs no other permission.
const denoWithNet = [...deno, '--no-prompt', '--allow-net'];

for (const [name, runtime] of Object.entries({
  node,
  bun,
  deno: denoWithNet,
})) {
  test(`the example in ${name}`, async (t) => {
    assert.equal(await go(runtime, greeter(t)), greeted);
  });
}

test('Deno, without permission', async (t) => {
  await assert.rejects(go(deno, '--no-prompt', greeter(t)), /--allow-net/);
});
