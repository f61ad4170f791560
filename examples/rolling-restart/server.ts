// One of two servers on a port. It answers each line with its own generation and the
// line. When told to stop, it gives every client the reason.
//
//   node dist/examples/rolling-restart/server.js PORT GENERATION
import { createServer, type Socket } from 'goodbyte';
import { linesOf } from '../lines.js';

/** A message for the supervisor. */
export type ServerMessage =
  { type: 'listening' } | { type: 'stopped'; told: number; aborted: number };

const [port, generation] = process.argv.slice(2);
const tell = (message: ServerMessage) => process.send!(message);

const server = createServer((socket) => void serve(socket));

async function serve(socket: Socket): Promise<void> {
  try {
    for await (const line of linesOf(socket)) {
      // After our last word we cannot answer; the client asks again.
      if (socket.writable) socket.write(`${generation}: ${line}\n`);
    }
  } catch {
    // The client broke off.
  }
}

async function stop(): Promise<void> {
  const { ended, aborted, failed } = await server.drain({
    data: `generation ${generation} is going`,
    deadline: 10_000,
  });
  tell({ type: 'stopped', told: ended, aborted: aborted + failed });
  process.disconnect();
}

process.once('SIGTERM', () => void stop());
// Without a supervisor this process has nothing to do.
process.once('disconnect', () => process.exit());

// Both generations listen at once (SO_REUSEPORT), so there is never a gap. The
// engine can do it in every version of Node.
server.listen({ port: Number(port), reusePort: true, host: '127.0.0.1' });
server.once('listening', () => tell({ type: 'listening' }));
