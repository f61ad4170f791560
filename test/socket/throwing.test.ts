import { once } from 'node:events';
import t, { type Test } from 'tap';
import { connect, type Socket } from '../../src/index.js';
import type { Lookup } from '../../src/provider/provider.js';
import { connected, serve } from '../support/serve.js';

// An exception in a listener is uncaught, and the connection goes on.

/** Messages of uncaught errors, which tap must not see. */
function takeUncaught(t: Test): string[] {
  const messages: string[] = [];
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', ({ message }) => messages.push(message));
  t.teardown(() => {
    process.removeAllListeners('uncaughtException');
    for (const other of others) process.on('uncaughtException', other);
  });
  return messages;
}

function throwOnce(socket: Socket, event: string): void {
  socket.once(event, () => {
    throw new Error(`in ${event}`);
  });
}

for (const event of ['end', 'prefinish', 'finish', 'disconnect', 'close']) {
  for (const side of ['caller', 'callee'] as const) {
    for (const answer of [undefined, () => 'answered']) {
      t.test(
        `thrown in '${event}' of the ${side}, ${answer ? 'an' : 'no'} answer`,
        async (t) => {
          const ends = await connected(t, answer ? { answer } : {});
          const { server, caller, callee } = ends;
          callee.resume();
          const uncaught = takeUncaught(t);
          const closed = Promise.all([
            once(caller, 'close'),
            once(callee, 'close'),
          ]);
          throwOnce(ends[side], event);
          const word = await caller.disconnect('bye');
          t.equal(word && String(word), answer?.());
          await closed;
          t.equal(String(callee.disconnectData), 'bye');
          await new Promise((resolve) => server.close(resolve));
          t.strictSame(uncaught, [`in ${event}`]);
        },
      );
    }
  }
}

const here: Lookup = (_host, { all }, callback) => {
  setImmediate(() => {
    if (all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
    else callback(null, '127.0.0.1', 4);
  });
};

for (const event of ['lookup', 'connectionAttempt', 'connect', 'ready']) {
  t.test(`thrown in '${event}'`, async (t) => {
    const { port } = await serve(t, { answer: () => 'answered' });
    const uncaught = takeUncaught(t);
    const socket = connect({ port, host: 'somewhere', lookup: here });
    throwOnce(socket, event);
    t.equal(String(await socket.disconnect()), 'answered');
    t.strictSame(uncaught, [`in ${event}`]);
  });
}
