import { createInterface } from 'node:readline';
import type { Socket } from '../../src/socket.js';
import type { Io, Output } from '../io.js';

/**
 * Sends stdin, and writes received data to stdout. At stdin's end our last word
 * is sent; if the peer's comes first, ours is the answer.
 *
 * @param messages a line of stdin is a message, and a message is a line.
 */
export function exchange(
  socket: Socket,
  { stdin, stdout }: Pick<Io, 'stdin' | 'stdout'>,
  { messages, lastWord }: { messages: boolean; lastWord: string | undefined },
): void {
  socket.answer = () => lastWord;
  const finish = (): void => {
    // A failure is an `error` of the socket as well.
    socket.disconnect(lastWord).catch(() => {});
  };
  if (messages) {
    const lines = createInterface({ input: stdin });
    lines.on('line', (line) => {
      if (!socket.write(line)) lines.pause();
    });
    socket.on('drain', () => lines.resume());
    lines.once('close', finish);
  } else {
    stdin.pipe(socket, { end: false });
    stdin.once('end', finish);
  }
  socket.on('data', (chunk) => {
    const room = stdout.write(messages ? `${chunk.toString()}\n` : chunk);
    if (room === false) waitForRoom(socket, stdout);
  });
  // Otherwise the process would wait for more of it.
  socket.once('close', () => stdin.destroy());
}

function waitForRoom(socket: Socket, stdout: Output): void {
  if (!stdout.once) return;
  socket.pause();
  stdout.once('drain', () => socket.resume());
}
