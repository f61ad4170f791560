// The same libraries with only the server moved over, and other programs as callers: the
// table of plain callers in docs/api.md.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import { programsIn, runOn, transports } from './programs.mjs';

const speakFirst = new Set(['mysql2', 'smtp-server', 'curl-smtp']);

/** The program that one in callers/ starts, and the way to read its version. */
const starts = {
  curl: ['curl', '--version'],
  'curl-smtp': ['curl', '--version'],
  ssh: ['ssh', '-V'],
};

function lacking(name) {
  const [file, ...args] = starts[name] ?? [];
  const isThere = !file || spawnSync(file, args).status === 0;
  return isThere ? false : `needs ${file}`;
}

const programs = [...programsIn('libraries'), ...programsIn('callers')];
const nameOf = (program) => basename(program, '.mjs');

const cases = [
  ...transports.flatMap((transport) =>
    programs.map((program) => ({ allowPlain: 'true', transport, program })),
  ),
  // With a silence, Node's streams listen, whatever transport is forced.
  ...programs
    .filter((program) => speakFirst.has(nameOf(program)))
    .map((program) => ({ allowPlain: '300', transport: 'stream', program })),
];

const isSilent = ({ allowPlain, program }) =>
  allowPlain === 'true' && speakFirst.has(nameOf(program));

function check(one) {
  const { allowPlain, transport, program } = one;
  const name = nameOf(program);
  const what = `${name}, allowPlain ${allowPlain}, ${transport}`;
  test(what, { skip: lacking(name) }, async () => {
    const going = runOn(transport, program, { PORTS_PLAIN: allowPlain });
    if (isSilent(one)) {
      await assert.rejects(going, /handshake: accept ETIMEDOUT/);
    } else {
      assert.match(await going, /^done$/m);
    }
  });
}

// Both ends wait, until the handshake has lasted too long: all at once.
void describe('silent callers', { concurrency: true }, () => {
  for (const one of cases) if (isSilent(one)) check(one);
});
for (const one of cases) if (!isSilent(one)) check(one);
