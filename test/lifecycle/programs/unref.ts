// Has listeners and connections that do not count as work, so that it ends.
//
//   node unref.js <port of a server that accepts 'open' only> <folder>
import { once } from 'node:events';
import path from 'node:path';
import {
  connect as dial,
  createServer,
  type Server,
} from '../../../src/index.js';
import { connect } from '../../../src/promises.js';
import { host, print, type Target } from '../support/exchange.js';

const target = { port: Number(process.argv[2]), host };
const places: Target[] = [
  { port: 0, host },
  { path: path.join(process.argv[3]!, 'pipe') },
];

for (const place of places) {
  const server: Server = createServer((callee) => callee.unref());
  server.listen(place);
  await once(server, 'listening');
  server.unref();
  const address = server.address();
  const accepted = once(server, 'connection');
  const caller = await connect(
    typeof address === 'string'
      ? { path: address }
      : { host, port: address!.port },
  );
  caller.unref();
  await accepted;
}

const open = await connect({ ...target, callerData: 'open' });
open.unref();
// Waits for its verdict; unref also applies before a connection is made.
dial({ ...target, callerData: 'deferred' }).unref();
const waiting = dial({ ...target, callerData: 'deferred' });
await once(waiting, 'connectionAttempt');
await new Promise(setImmediate);
waiting.unref();
// An attempt counts until its outcome is known.
process.once('exit', () => {
  print({ open: open.readyState, waiting: waiting.readyState });
});
