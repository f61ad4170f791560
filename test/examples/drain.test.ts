import t from 'tap';
import { wineLacks } from '../support/platform.js';
import { run } from './run.js';

// Clients wait for a busy pipe, and receive an error when its server is gone. In Wine
// node:net reports UNKNOWN for that too.
const skip = wineLacks('the error of WaitNamedPipe when a server goes');

const main = 'examples/drain/main.js';
const small = ['--clients', '20', '--step', '400'];

t.test('everyone gets the reason, and no line is lost', { skip }, async (t) => {
  const { code, stdout, stderr } = await run(
    t,
    main,
    '--restarts',
    '2',
    ...small,
  );
  t.equal(stderr, '');
  t.match(stdout, /^restart 2: /m);
  t.match(stdout, /heard: +restarting, back in a moment$/m);
  t.match(stdout, /^connections drained: +[1-9]\d*$/m);
  t.match(stdout, /^connections cut off: +0$/m);
  t.match(stdout, /^clients who missed why: +0$/m);
  t.match(stdout, /^lines lost: +0$/m);
  t.match(stdout, /^lines answered twice: +0$/m);
  const [, sent] = /^lines sent: +(\d+)$/m.exec(stdout) ?? [];
  const [, done] = /^lines done by the servers: +(\d+)$/m.exec(stdout) ?? [];
  t.ok(Number(sent) >= 1200, 'three times 400 answers');
  t.equal(done, sent, 'each line was done once');
  t.match(stdout, /^Nobody missed anything\.$/m);
  t.equal(code, 0);
});

t.test(
  'no client receives a reason from a killed server',
  { skip },
  async (t) => {
    const { code, stdout } = await run(
      t,
      main,
      '--restarts',
      '1',
      '--kill',
      ...small,
    );
    t.match(stdout, /heard: +\(none\)$/m);
    t.match(stdout, /^clients who missed why: +[1-9]\d*$/m);
    t.match(stdout, /^lines lost: +0$/m, 'what was not answered came again');
    t.match(stdout, /^Somebody missed something\.$/m);
    t.equal(code, 1);
  },
);
