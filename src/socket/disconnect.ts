import { abortError, checkMilliseconds, checkSignal } from '../arguments.js';
import { WinsockError } from '../errors.js';
import type { Socket } from '../socket.js';
import { WSAECONNABORTED, WSAETIMEDOUT } from '../vocabulary/error-codes.js';
import type { DisconnectOptions } from './options.js';

/**
 * Resolves to the peer's last word, once ours is handed over too.
 *
 * While somebody waits here, an error of the socket is theirs: it does not
 * need a listener for 'error' as well.
 *
 * @param say says our last word; if that shows only later to be impossible, it
 *  calls `fail`.
 */
export async function waitForLastWord(
  socket: Socket,
  options: DisconnectOptions,
  say: (fail: (error: Error) => void) => void,
): Promise<Buffer | undefined> {
  const { signal, deadline } = options;
  if (signal !== undefined) checkSignal(signal, 'options.signal');
  const milliseconds =
    deadline === undefined
      ? undefined
      : checkMilliseconds(deadline, 'options.deadline');
  if (signal?.aborted) throw abortError(signal);

  return new Promise((resolve, reject) => {
    const isDone = () => socket.disconnected && socket.writableFinished;
    let timer: NodeJS.Timeout | undefined;

    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onabort);
      socket.off('disconnect', onprogress);
      socket.off('finish', onprogress);
      socket.off('close', onclose);
      socket.off('error', onerror);
    };
    const onprogress = () => {
      if (!isDone()) return;
      settle();
      resolve(socket.disconnectData);
    };
    const fail = (error: Error) => {
      settle();
      reject(error);
    };
    const onerror = (error: Error) => {
      fail(error);
    };
    const onclose = () => {
      if (socket.disconnected) {
        settle();
        resolve(socket.disconnectData);
      } else {
        fail(
          socket.errored ??
            new WinsockError(WSAECONNABORTED, {
              syscall: 'disconnect',
              detail: 'the socket was destroyed',
            }),
        );
      }
    };
    const onabort = () => {
      fail(abortError(signal!));
      socket.resetAndDestroy();
    };

    say(fail);
    if (isDone()) {
      resolve(socket.disconnectData);
      return;
    }
    if (socket.closed) {
      onclose();
      return;
    }
    // Before the application's, which may throw.
    socket.prependListener('disconnect', onprogress);
    socket.prependListener('finish', onprogress);
    socket.prependListener('close', onclose);
    socket.prependListener('error', onerror);
    signal?.addEventListener('abort', onabort, { once: true });
    if (milliseconds !== undefined) {
      timer = setTimeout(() => {
        fail(
          new WinsockError(WSAETIMEDOUT, {
            syscall: 'disconnect',
            detail: `the peer did not say its last word within ${milliseconds} ms`,
          }),
        );
        socket.resetAndDestroy();
      }, milliseconds);
    }
    // Nobody reads: the last word would stay behind the data for ever.
    if (
      socket.readableFlowing === null &&
      socket.listenerCount('readable') === 0
    ) {
      socket.resume();
    }
  });
}
