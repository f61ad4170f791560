import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from '../../src/socket.js';

/**
 * Serves a connection with a command of the system's shell, which has the
 * caller's data as GOODBYTE_CALLER_DATA. It reads the caller's data, up to the
 * caller's last word; our last word follows its output. If it fails, the
 * connection is reset with its exit code.
 */
export function execute(
  socket: Socket,
  command: string,
  lastWord: string | undefined,
): void {
  // A variable cannot hold a NUL.
  const callerData = String(socket.callerData ?? '').replaceAll('\0', '');
  const child = spawn(command, {
    shell: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, GOODBYTE_CALLER_DATA: callerData },
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  let answers = false;
  socket.answer = async () => {
    answers = true;
    await closed;
    return lastWord;
  };
  socket.pipe(child.stdin);
  // It need not read to the end.
  child.stdin.on('error', () => {}).once('close', () => socket.resume());
  child.stdout.pipe(socket, { end: false });
  socket.once('finish', () => child.stdout.resume());
  child.once('close', (code) => {
    if (code !== 0) socket.resetAndDestroy(code === null ? {} : { code });
    // A failure is an `error` of the socket as well.
    else if (!answers) socket.disconnect(lastWord).catch(() => {});
  });
  socket.once('close', () => child.kill());
}
