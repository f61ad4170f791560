// Libraries whose import of `net` is changed to goodbyte, both ends: each has a
// session of its own kind, and a last word at the end of it.

import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import { programsIn, runOn, transports } from './programs.mjs';

for (const transport of transports) {
  for (const program of programsIn('libraries')) {
    test(`${basename(program, '.mjs')}, ${transport}`, async () => {
      assert.match(await runOn(transport, program), /^done$/m);
    });
  }
}
