// Libraries whose import of `net` is changed to goodbyte, both ends: each has a
// session of its own kind, and a last word at the end of it.

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { node } from '../support/run.mjs';

const cwd = fileURLToPath(new URL('.', import.meta.url));
const addons = `${cwd}/node_modules/goodbyte/prebuilds/${process.platform}-${process.arch}`;
const hasEngine = existsSync(addons) || process.env.GOODBYTE_ADDON;
const transports = hasEngine ? ['engine', 'stream'] : ['stream'];

for (const transport of transports) {
  for (const file of readdirSync(`${cwd}/libraries`)) {
    test(`${file.replace('.mjs', '')}, ${transport}`, async () => {
      const env = { ...process.env, GOODBYTE_TRANSPORT: transport };
      const printed = await node([`libraries/${file}`], { cwd, env });
      assert.match(printed, /^done$/m);
    });
  }
}
