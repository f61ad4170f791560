import type { Socket } from '../socket.js';

/** How far a connection's end has come. */
interface Ends {
  /** The stream ends our direction by itself. */
  readonly endsBoth: boolean;
  /** Our direction is at its end. */
  readonly isFinal: boolean;
}

/**
 * A listener of 'end', 'prefinish' or 'finish' that throws stops Node's stream
 * where it is. Does then what that would have done behind them: its socket
 * would stay open for ever, and a server that closes would wait for it.
 */
export function goOn(socket: Socket, { endsBoth, isFinal }: Ends): void {
  if (socket.destroyed || !socket.readableEnded) return;
  if (isFinal) socket.destroy();
  else if (endsBoth && !socket.writableEnded) socket.end();
}
