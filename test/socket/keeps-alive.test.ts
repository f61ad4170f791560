import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { serve } from '../support/serve.js';

// How long a connection keeps a process alive: like net's, as long as it is read,
// written, or has its last word to send or receive.

const program = path.join(import.meta.dirname, '../support/rest-and-exit.js');
const MANY = 4 * 1024 * 1024;

const cases: [way: string, sends: number, prints: RegExp][] = [
  ['paused', 5, /^$/],
  ['written', 5, /^written$/],
  ['disconnected', 0, /^answered$/],
  ['resumed', 5, /^5$/],
  ['full', MANY, /^$/],
];

for (const [way, sends, prints] of cases) {
  t.test(way, async (t) => {
    const { port } = await serve(t, {}, (socket) => {
      socket.on('error', () => {});
      socket.answer = () => 'answered';
      socket.resume();
      if (sends > 0) socket.write(Buffer.alloc(sends));
      // Sends nothing that would end the program's wait, unless it reads.
      if (way === 'resumed') socket.end();
    });
    t.match(await run(t, port, way), prints);
  });
}

// Destroyed without a word, it does not wait for the peer's end.
t.test('destroyed, and the peer ends nothing', async (t) => {
  const { port } = await serve(t, { allowHalfOpen: true }, (socket) => {
    socket.resume();
  });
  t.equal(await run(t, port, 'destroyed'), '');
});

async function run(t: Test, port: number, way: string): Promise<string> {
  const child = spawn(process.execPath, [program, `${port}`, way], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Ends a program that hangs, which is a failure.
    timeout: 20_000,
  });
  const [printed, [code]] = await Promise.all([
    text(child.stdout),
    once(child, 'exit'),
  ]);
  t.equal(code, 0, 'it has ended by itself');
  return printed.trim();
}
