import t, { type Test } from 'tap';
import { isWindows, needsUnix } from '../support/platform.js';
import { onTransports, report, type Transport } from './support/children.js';

// These processes mostly wait.
t.jobs = 6;

const wait: Record<string, unknown> = {
  handshake: 'accepted',
  tls: 'accepted',
  connect: 'connected',
  disconnect: { told: 'in time', hadError: false },
  drain: { told: 'in time', answered: 1, aborted: 0, hadError: false },
};

// Each waits longer than its limit, and succeeds all the same.
for (const [what, outcome] of Object.entries(wait)) {
  const test = async (t: Test, transport: Transport): Promise<void> => {
    const ended = await report<object>(t, 'busy', [what], { transport });
    // There the peer's FIN arrives a turn later, and the deadline ends lingering.
    if (isWindows && what === 'drain')
      Object.assign(ended!, { hadError: false });
    t.same(ended, outcome);
  };
  onTransports(t, `busy past a time limit: ${what}`, test, true);
}

// Windows reports a send only when all of it has left, even 96 MiB.
const skip = needsUnix('progress reports of a write');
if (skip) {
  t.pass('busy past a time limit: linger', { skip });
} else {
  const test = async (t: Test, transport: Transport): Promise<void> => {
    const ended = await report(t, 'busy', ['linger'], { transport });
    t.same(ended, { whole: true, hadError: false });
  };
  onTransports(t, 'busy past a time limit: linger', test, true);
}
