import t from 'tap';
import { onEngine, onTransports, report } from './support/children.js';

onTransports(t, 'loaded more than once', async (t, transport) => {
  t.same(await report(t, 'twice', [t.testdir()], { transport }), {
    done: true,
  });
});

// The addon's functions that hand out, or take, more than numbers.
for (const call of ['load', 'write', 'name', 'listen']) {
  onEngine(t, `workers stopped in a call: ${call}`, async (t, transport) => {
    t.same(await report(t, 'terminated', [call], { transport }), {
      workers: 4,
    });
  });
}
