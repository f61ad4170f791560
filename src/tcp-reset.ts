import type { Socket } from 'node:net';

/**
 * Resets a Node TCP connection, whatever is still queued.
 *
 * While a FIN is on its way, `resetAndDestroy()` fails once the socket is
 * destroyed, and its handle stays open for ever. So the reset waits for the
 * FIN, which leaves in the next turn of the loop.
 */
export function resetTcp(socket: Socket): void {
  if (socket.destroyed) return;
  const { writableEnded, writableFinished, writableLength } = socket;
  if (writableEnded && !writableFinished && writableLength === 0) {
    socket.once('finish', () => {
      resetTcp(socket);
    });
    return;
  }
  // By itself it waits for queued data.
  socket.resetAndDestroy();
  socket.destroy();
}
