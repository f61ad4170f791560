import { spawnSync } from 'node:child_process';
import path from 'node:path';
import t from 'tap';
import { mutants } from '../../conformance/mutate/mutants.js';
import { loadScenarios, matchesGlob } from '../../conformance/index.js';

const main = path.resolve(
  import.meta.dirname,
  '../../conformance/mutate/main.js',
);

function mutate(...args: string[]) {
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
}

t.test('each mutant has scenarios that are there', (t) => {
  const ids = loadScenarios().map(({ id }) => id);
  for (const [name, { by }] of Object.entries(mutants)) {
    t.ok(
      ids.some((id) => matchesGlob(id, by)),
      name,
    );
  }
  t.end();
});

t.test('a scenario that can fail, and the faults it catches', (t) => {
  const { status, stdout } = mutate('--scenario', 'close/linger-zero');
  t.equal(status, 0, stdout);
  t.match(stdout, /^aborts-in-order +1 of 1 +close\/linger-zero$/m);
  t.match(stdout, /^resets-look-graceful +1 of 1 +close\/linger-zero$/m);
  t.match(stdout, /scenarios that nothing can fail: 0/);
  t.end();
});

t.test('nothing ran, and wrong usage', (t) => {
  t.equal(mutate('--scenario', 'none/*').status, 3);
  t.equal(mutate('--jobs', '0').status, 2);
  t.end();
});
