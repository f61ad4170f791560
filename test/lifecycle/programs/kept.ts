// Keeps messages, and reports the memory that they hold. Needs --expose-gc.
//
//   node kept.js <octets of a message> <how many> <each n-th is kept>
import { once } from 'node:events';
import { createServer, type Socket } from '../../../src/index.js';
import { connect } from '../../../src/promises.js';
import { close, host, print } from '../support/exchange.js';

const [length, count, nth] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number,
];
const socketType = 'message';

async function sendTo(callee: Socket): Promise<void> {
  const message = Buffer.alloc(length, 'm');
  for (let sent = 0; sent < count * nth; sent++) {
    if (!callee.write(message)) await once(callee, 'drain');
  }
  callee.end();
}

const server = createServer({ socketType }, (callee) => {
  void sendTo(callee);
});
server.listen(0, host);
await once(server, 'listening');
const { port } = server.address() as { port: number };

/** Receives all messages; returns those that are kept. */
async function receive(keeps: boolean): Promise<Uint8Array[]> {
  const kept: Uint8Array[] = [];
  let received = 0;
  const socket = await connect({ port, host, socketType });
  socket.on('data', (message: Buffer) => {
    if (keeps && received % nth === 0) kept.push(message);
    received++;
  });
  await once(socket, 'close');
  if (received !== count * nth) throw new Error(`only ${received} came`);
  return kept;
}

/** Unreachable memory is freed in the background, and counts until then. */
async function measure(): Promise<NodeJS.MemoryUsage> {
  for (let turn = 0; turn < 10; turn++) {
    gc!();
    await new Promise(setImmediate);
  }
  return process.memoryUsage();
}

await receive(false);
const before = await measure();
const kept = await receive(true);
const after = await measure();
await close(server);
print({
  kept: kept.length,
  arrayBuffers: after.arrayBuffers - before.arrayBuffers,
  external: after.external - before.external,
});
