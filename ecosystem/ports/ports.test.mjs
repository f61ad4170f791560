// Libraries whose import of `net` is changed to goodbyte at both ends: each runs a session
// of its own kind, with a last word at the end.

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
