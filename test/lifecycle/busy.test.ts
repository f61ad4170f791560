import t from 'tap';
import { needsUnix } from '../support/platform.js';
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
  const title = `busy past a time limit: ${what}`;
  // There the peer sees a reset behind the last octets, which is not explained.
  if (what === 'drain' || what === 'linger') {
    const skip = needsUnix(`an end in order, after ${what}`);
    if (skip) {
      t.pass(title, { skip });
      continue;
    }
  }
  onTransports(t, title, async (t, transport) => {
    t.same(await report(t, 'busy', [what], { transport }), outcome);
  });
}
