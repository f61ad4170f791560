import type { Socket } from '../socket.js';

/** The progress of a connection's end. */
interface Ends {
  /** The stream ends our direction by itself. */
  readonly endsBoth: boolean;
  /** Our direction is at its end. */
  readonly isFinal: boolean;
}

/**
 * A listener of 'end', 'prefinish' or 'finish' that throws stops Node's stream
 * midway. This then does what the stream would have done afterwards: otherwise
 * its socket would stay open for ever, and a closing server would wait for it.
 */
export function goOn(socket: Socket, { endsBoth, isFinal }: Ends): void {
  if (socket.destroyed || !socket.readableEnded) return;
  if (isFinal) socket.destroy();
  else if (endsBoth && !socket.writableEnded) socket.end();
}
