// A server at its limit of descriptors. Its parent makes the connections, and
// asks with lines on stdin: "load" is answered with the processor time that
// passes until a timer fires; the end of stdin ends the server.
import { createInterface } from 'node:readline';
import { close, print, serve, untilOpen } from '../support/exchange.js';

/** Milliseconds over which processor time is measured. */
const INTERVAL = 500;

const { server, target } = await serve();
let accepted = 0;
server.on('connection', (callee) => {
  accepted++;
  callee.on('error', () => {});
});
server.on('error', () => {});
print(target);
for await (const line of createInterface(process.stdin)) {
  if (line !== 'load') throw new RangeError(`what is ${line}?`);
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, INTERVAL));
  const { user, system } = process.cpuUsage(before);
  print({ load: (user + system) / 1000 / INTERVAL, accepted });
}
await close(server);
await untilOpen(0);
