import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from '../../src/socket.js';
import { endingOf, type Ending } from './ending.js';

/**
 * Serves a connection with a command of the system's shell, which has the
 * caller's data as GOODBYTE_CALLER_DATA. It reads the caller's data, up to the
 * caller's last word; our last word follows its output. If it fails, the
 * connection is reset with its exit code.
 *
 * @returns how the connection ended; never rejects.
 */
export async function execute(
  socket: Socket,
  command: string,
  lastWord: string | undefined,
): Promise<Ending> {
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
  let failure: Pick<Ending, 'code' | 'error'> = {};
  child.once('close', (code, signal) => {
    if (code === 0) {
      // A failure is an `error` of the socket as well.
      if (!answers) socket.disconnect(lastWord).catch(() => {});
      return;
    }
    failure = failureOf(code, signal);
    socket.resetAndDestroy({ code: failure.code });
  });
  socket.once('close', () => child.kill());
  const ending = await endingOf(socket);
  const isOurs = ending.how === 'reset' && !ending.error;
  return isOurs ? { ...ending, ...failure } : ending;
}

function failureOf(
  code: number | null,
  signal: string | null,
): Pick<Ending, 'code' | 'error'> {
  const how =
    code === null ? `was ended by ${signal}` : `failed with exit code ${code}`;
  return { code: code ?? undefined, error: new Error(`the command ${how}`) };
}
