import { spawnSync } from 'node:child_process';
import t from 'tap';
import { cli } from './cli-harness.js';

const bash =
  process.platform === 'win32'
    ? 'needs Unix: bash'
    : spawnSync('bash', ['--version']).error && 'no bash here';

await t.test('in bash', { skip: bash || false }, async (t) => {
  const { code, stdout } = await cli(['completion', 'bash']);
  t.equal(code, 0);
  const cases: [string[], string[]][] = [
    [['co'], ['connect', 'conformance', 'completion']],
    [['conformance', 'l'], ['list']],
    [['h'], ['help']],
    [['help', 'li'], ['listen']],
    [['help', 'conformance', 'l'], ['list']],
    [['connect', '--caller'], ['--caller-data']],
    [
      ['conformance', 'run', '--scen'],
      ['--scenario', '--scenarios'],
    ],
    [['listen', '--json', '--ans'], ['--answer']],
  ];
  for (const [words, expected] of cases) {
    const script =
      `${stdout}\nCOMP_WORDS=(goodbyte ${words.join(' ')})\n` +
      `COMP_CWORD=${words.length}\n_goodbyte\necho "\${COMPREPLY[@]}"\n`;
    const { stdout: found } = spawnSync('bash', ['-c', script], {
      encoding: 'utf8',
    });
    t.strictSame(found.trim().split(' '), expected, words.join(' '));
  }
});

await t.test('in others, and none', async (t) => {
  const fish = await cli(['completion', 'fish']);
  t.match(fish.stdout, /complete -c goodbyte .*-a '--caller-data/);
  t.match((await cli(['completion', 'zsh'])).stdout, /bashcompinit/);
  for (const args of [[], ['ksh'], ['toString']]) {
    const { code, stderr } = await cli(['completion', ...args]);
    t.equal(code, 2);
    t.match(stderr, /completion takes bash, zsh or fish/);
  }
});
