import t from 'tap';
import { onTransports, report } from './support/children.js';

// Each waits longer than its limit, and has what it waits for all the same.
for (const { what, outcome } of [
  { what: 'handshake', outcome: 'accepted' },
  { what: 'connect', outcome: 'connected' },
  { what: 'disconnect', outcome: { told: 'in time', hadError: false } },
  {
    what: 'drain',
    outcome: { told: 'in time', answered: 1, aborted: 0, hadError: false },
  },
  { what: 'linger', outcome: { whole: true, hadError: false } },
]) {
  onTransports(t, `busy past a time limit: ${what}`, async (t, transport) => {
    t.same(await report(t, 'busy', [what], { transport }), outcome);
  });
}
