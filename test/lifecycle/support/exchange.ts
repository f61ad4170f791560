import { once } from 'node:events';
import { accept, createServer, type Server } from '../../../src/index.js';
import { loadNative } from '../../../src/native.js';
import { connect } from '../../../src/promises.js';

export const host = '127.0.0.1';

/** A server's address: options of `connect`. */
export type Target = { port: number; host: string } | { path: string };

/** Answers each caller with callee data, its own data, and a last word. */
export async function serve(
  where: Target = { port: 0, host },
): Promise<{ server: Server; target: Target }> {
  const server = createServer(
    {
      condition: ({ callerData }) =>
        accept({ calleeData: `good morning, ${String(callerData)}` }),
    },
    (socket) => {
      let said = '';
      socket.on('data', (data) => {
        said += String(data);
      });
      socket.answer = async (total) => {
        // In a later turn, so that the two directions end in different ones.
        await new Promise(setImmediate);
        socket.write(`you said ${said}`);
        return `the total is ${String(total)}`;
      };
    },
  );
  server.listen(where);
  await once(server, 'listening');
  const address = server.address();
  return {
    server,
    target:
      typeof address === 'string'
        ? { path: address }
        : { host, port: address!.port },
  };
}

/** The eight steps with {@link serve}'s server; throws if a word is lost. */
export async function exchange(target: Target): Promise<void> {
  const socket = await connect({ ...target, callerData: 'teller 7' });
  let heard = '';
  socket.on('data', (data) => {
    heard += String(data);
  });
  const closed = once(socket, 'close');
  socket.write('20 and ');
  socket.write('21');
  const answer = await socket.disconnect('41');
  await closed;
  const words = [String(socket.calleeData), heard, String(answer)].join('; ');
  const expected =
    'good morning, teller 7; you said 20 and 21; the total is 41';
  if (words !== expected) throw new Error(`lost: ${words}`);
}

export async function exchanges(target: Target, count: number): Promise<void> {
  for (let done = 0; done < count; done++) await exchange(target);
}

export async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

/** Handles that the engine has open here; 0 with the stream transport. */
export function openHandles(): number {
  return loadNative().native?.countOpen() ?? 0;
}

/** libuv closes a handle in a later turn of its loop. */
export async function untilOpen(count: number): Promise<void> {
  while (openHandles() !== count) await new Promise(setImmediate);
}

export function print(report: unknown): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
