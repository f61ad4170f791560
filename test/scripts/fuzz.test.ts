import { spawnSync } from 'node:child_process';
import path from 'node:path';
import t from 'tap';

const script = path.resolve(import.meta.dirname, '../../../scripts/fuzz.mjs');

function fuzz(args: string[], env: NodeJS.ProcessEnv = {}) {
  return spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}

t.test('the seeds match the vectors', (t) => {
  const { status, stdout, stderr } = fuzz(['--check-corpus']);
  t.match(stdout, /^\d+ seeds match the vectors\n$/);
  t.equal(stderr, '');
  t.equal(status, 0);
  t.end();
});

t.test('a missing or wrong option is reported in one line', (t) => {
  const nothing = t.testdir();
  for (const { args, env, code = 1, says } of [
    {
      args: [],
      env: { PATH: nothing, CXX: '' },
      says: /^fuzz: fuzzing needs clang with libFuzzer, but clang\+\+ .*\n$/,
    },
    {
      args: ['--seconds', '0'],
      env: {},
      says: /^fuzz: --seconds takes a whole number from 1\n$/,
    },
    {
      args: ['--no-such'],
      env: {},
      code: 2,
      says: /^fuzz: .*'--no-such'.*\n$/,
    },
  ]) {
    const { status, stdout, stderr } = fuzz(args, env);
    t.match(stderr, says);
    t.equal(stdout, '');
    t.equal(status, code);
  }
  t.end();
});
