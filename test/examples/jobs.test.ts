import t from 'tap';
import { run } from './run.js';

t.test('each job is done, and undone ones are handed back', async (t) => {
  const { code, stdout } = await run(t, 'examples/jobs/main.js');
  t.match(stdout, /^jobs done: +100 of 100$/m);
  t.match(stdout, /^handed back: +4$/m);
  t.match(stdout, /^lost and redone: +4$/m, 'those of the one that died');
  t.equal(code, 0);
});
