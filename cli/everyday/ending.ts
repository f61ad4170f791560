import { WinsockError } from '../../src/errors.js';
import type { Socket } from '../../src/socket.js';
import {
  WSAECONNREFUSED,
  WSAECONNRESET,
  WSAETIMEDOUT,
} from '../../src/vocabulary/error-codes.js';

/** Exit codes of `connect` and `listen`: how the connection ended. */
export const endings = {
  /** Both sides said their last words. */
  goodbye: 0,
  /** Any other failure: an unknown name, a wrong certificate. */
  failed: 1,
  refused: 10,
  reset: 11,
  'timed out': 12,
  /**
   * Without a last word: the peer has crashed, or something in between has
   * closed.
   */
  cut: 13,
} as const;

export type How = keyof typeof endings;

export interface Ending {
  readonly how: How;
  readonly error?: Error | undefined;
  /** The peer's last word. */
  readonly lastWord?: Buffer | undefined;
  readonly rejectData?: Buffer | undefined;
  /** The peer's number: beside its last word, its refusal or its abort. */
  readonly code?: number | undefined;
}

/** Resolves when the socket is closed; never rejects. */
export function endingOf(socket: Socket): Promise<Ending> {
  return new Promise((resolve) => {
    let error: Error | undefined;
    let peerEnded = false;
    socket.once('disconnect', () => (peerEnded = true));
    socket.on('error', (why) => (error = why));
    socket.once('close', () => {
      const { rejectData, rejectCode, resetCode }: Partial<WinsockError> =
        error instanceof WinsockError ? error : {};
      // Our own reset is no error of the socket.
      const isGoodbye = peerEnded && socket.writableFinished;
      const how = isGoodbye ? 'goodbye' : 'reset';
      resolve({
        how: error ? howOf(error) : how,
        error,
        lastWord: socket.disconnectData,
        rejectData,
        code: socket.disconnectCode ?? rejectCode ?? resetCode,
      });
    });
  });
}

const byCode: Readonly<Record<number, How>> = {
  [WSAECONNREFUSED]: 'refused',
  [WSAECONNRESET]: 'reset',
  [WSAETIMEDOUT]: 'timed out',
};

function howOf(error: Error): How {
  if (!(error instanceof WinsockError)) return 'failed';
  if (error.violation === 'cut') return 'cut';
  return byCode[error.winsock.code] ?? 'failed';
}
