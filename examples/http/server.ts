// HTTP over goodbyte: clients of goodbyte and plain ones (curl, browsers) on the
// same port. At shutdown requests under way are answered; then every goodbyte
// client receives the reason.
//
//   node dist/examples/http/server.js [PORT]
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'goodbyte';

const DEADLINE = 5000;

const pending = new Set<http.ServerResponse>();
const web = http.createServer((request, response) => {
  pending.add(response);
  response.once('close', () => pending.delete(response));
  if (request.url === '/slow') {
    // Responds at once, and ends when the server is stopping.
    response.write('begun\n');
    stopping.signal.addEventListener('abort', () => response.end('done\n'));
  } else {
    response.end('hello\n');
  }
});

// A connection is a Duplex, which is all that `http` needs.
const server = createServer({ allowPlain: true }, (socket) => {
  web.emit('connection', socket);
});

const stopping = new AbortController();

/** Resolves when no request is under way. */
async function answered(): Promise<void> {
  while (pending.size > 0) {
    await Promise.all(Array.from(pending, (each) => once(each, 'close')));
  }
}

async function stop(): Promise<void> {
  const deadline = AbortSignal.timeout(DEADLINE);
  server.close();
  stopping.abort();
  // The drain aborts requests that are unanswered by then.
  await Promise.race([answered(), once(deadline, 'abort')]);
  const { ended, aborted } = await server.drain({
    data: 'restarting, back in a moment',
    signal: deadline,
  });
  console.log(`told ${ended} clients, aborted ${aborted}`);
  process.exitCode = aborted > 0 ? 1 : 0;
  if (process.connected) process.disconnect();
}

process.once('SIGTERM', () => void stop());
// Windows has no SIGTERM, so a supervisor sends a message instead.
process.once('message', () => void stop());

server.listen(Number(process.argv[2] ?? 0));
await once(server, 'listening');
console.log(`port ${(server.address() as AddressInfo).port}`);
