import t from 'tap';
import { onTransports, report } from './support/children.js';

for (const { what, outcome } of [
  { what: 'callers', outcome: { done: true } },
  {
    what: 'callees',
    outcome: { codes: ['ECONNREFUSED', 'ECONNRESET', 'none'] },
  },
  { what: 'half-finished', outcome: { left: 0, pending: 0 } },
  { what: 'burst', outcome: { done: true } },
]) {
  onTransports(t, `handshakes: ${what}`, async (t, transport) => {
    t.same(await report(t, 'handshakes', [what], { transport }), outcome);
  });
}
