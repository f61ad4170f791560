// Words by hand, as a careful author writes them: typed messages behind their
// length, which is checked.
import type { Socket } from 'node:net';

const HEADER = 3;
const MOST = 4096;

export const CONNECT = 1;
export const ACCEPT = 2;
export const LAST_WORD = 3;

/** The time limit for a caller's first word, in milliseconds. */
export const HANDSHAKE_TIMEOUT = 10_000;

/** Half-close, so that neither last word is lost. */
export const halfOpen = { allowHalfOpen: true, noDelay: true };

export function message(type: number, text: string): Buffer {
  const octets = Buffer.allocUnsafe(HEADER + text.length);
  octets[0] = type;
  octets.writeUInt16BE(text.length, 1);
  octets.write(text, HEADER, 'latin1');
  return octets;
}

/** Finds the messages in the input, however it was split on its way. */
export function onMessages(
  socket: Socket,
  fail: (error: Error) => void,
  onmessage: (type: number, text: string) => void,
): void {
  let rest: Buffer | undefined;
  const take = (chunk: Buffer) => {
    let octets = rest ? Buffer.concat([rest, chunk]) : chunk;
    while (octets.length >= HEADER) {
      const length = octets.readUInt16BE(1);
      if (length > MOST) throw new Error(`a message of ${length} octets`);
      const end = HEADER + length;
      if (octets.length < end) break;
      onmessage(octets[0]!, octets.toString('latin1', HEADER, end));
      octets = octets.subarray(end);
    }
    rest = octets.length > 0 ? octets : undefined;
  };
  socket.on('data', (chunk: Buffer) => {
    try {
      take(chunk);
    } catch (error) {
      fail(error as Error);
    }
  });
}
