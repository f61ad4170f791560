import t from 'tap';
import { onTransports, pipeFolder, run } from './support/children.js';

const ways = [
  { way: 'exit', code: 7 },
  { way: 'exit a tick later', code: 7 },
  { way: 'exit in a listener', code: 7 },
  { way: 'throw in a listener', code: 1 },
];

for (const { way, code } of ways) {
  onTransports(
    t,
    `a process with every state: ${way}`,
    async (t, transport) => {
      const outcome = await run('exit', [way, pipeFolder(t)], { transport });
      t.match(outcome, { code, signal: null, stdout: '' });
      const failed = way === 'throw in a listener' ? /of a listener/ : /^$/;
      t.match(outcome.stderr, failed);
    },
  );
}
