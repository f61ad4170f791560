import t from 'tap';
import { run } from './run.js';

// `npm run test:runtimes` runs it in Bun and Deno too.
t.test('in Node', async (t) => {
  t.same(await run(t, '../examples/anywhere/greeter.mjs'), {
    code: 0,
    stdout:
      'refused: who are you?\n' +
      'hello, bea\n' +
      'echoed: some data\n' +
      'answered: you said goodbye\n',
    stderr: '',
  });
});
