import t from 'tap';
import { loadNative } from '../../src/native.js';
import { pipeFolder, report } from './support/children.js';

t.setTimeout(300_000);

interface Outcome {
  failures: number;
  allWell: boolean;
  codes: string[];
  open: number;
}

// How a connection that lacks memory, and its peer, may end.
const expected = ['ECONNREFUSED', 'ECONNRESET', 'ENOMEM', 'well'];

// `npm run test:asan` builds an addon whose allocations can be made to fail.
if (loadNative().native?.failAllocation) {
  for (const medium of ['tcp', 'pipe']) {
    t.test(`each allocation fails once (${medium})`, async (t) => {
      const args = [medium, pipeFolder(t)];
      const options = { transport: 'engine' } as const;
      const outcome = await report<Outcome>(t, 'allocation', args, options);
      if (!outcome) return;
      t.comment(outcome);
      t.match(outcome, { allWell: true, open: 0 });
      t.same(
        outcome.codes.filter((code) => !expected.includes(code)),
        [],
      );
      t.ok(outcome.failures > 80, `${outcome.failures} failures`);
    });
  }
} else {
  t.pass('each allocation fails once: npm run test:asan');
}
