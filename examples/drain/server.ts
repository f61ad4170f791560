// A server that answers each line with the same line in capitals, until it is told to
// stop. Then it tells its clients why, and ends when they are gone.
import { createServer, type Socket } from 'goodbyte';
import { linesOf } from '../lines.js';

/** Messages to the supervisor. */
export type ServerMessage =
  | { type: 'listening' }
  | { type: 'stopped'; lines: number; told: number; cutOff: number };

export const reason = 'restarting, back in a moment';

const tell = (message: ServerMessage) => process.send!(message);
let lines = 0;

const server = createServer((socket) => void answerLines(socket));

async function answerLines(socket: Socket): Promise<void> {
  try {
    for await (const line of linesOf(socket)) {
      // After our last word we cannot answer. It tells the client which lines are
      // still to be done, by another server.
      if (!socket.writable) continue;
      lines += 1;
      socket.write(`${line.toUpperCase()}\n`);
    }
  } catch {
    // The client left without a last word.
  }
}

async function stop(): Promise<void> {
  const drained = await server.drain({ data: reason, deadline: 20_000 });
  const cutOff = drained.aborted + drained.failed;
  tell({ type: 'stopped', lines, told: drained.ended, cutOff });
  process.disconnect();
}

process.once('SIGTERM', () => void stop());
// Windows has no SIGTERM: there the supervisor sends a message.
process.once('message', () => void stop());
// Without a supervisor this process has nothing to do.
process.once('disconnect', () => process.exit());

server.listen(process.argv[2], () => tell({ type: 'listening' }));
