// The whole conformance suite in Bun and in Deno: alone, and against Node.

import assert from 'node:assert/strict';
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

const exchange = at('exchange.mjs');

test('Deno needs no permission but --allow-net', async () => {
  const printed = await go(deno, '--no-prompt', '--allow-net', exchange);
  assert.match(printed, /answer to goodbye/);
});

test('Deno, without it', async () => {
  await assert.rejects(go(deno, '--no-prompt', exchange), /--allow-net/);
});
