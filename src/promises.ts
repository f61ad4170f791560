import { connect as connectSocket } from './connect.js';
import { optionsAndCallback } from './net-arguments.js';
import type { Server } from './server.js';
import type { ListenOptions } from './server/options.js';
import type { Socket } from './socket.js';
import type { SocketEventMap } from './socket/events.js';
import type { ConnectOptions } from './socket/options.js';

/**
 * Connects, and resolves with the callee's ACCEPT in hand.
 *
 * @throws {WinsockError} refused (with `rejectData`), unreachable, timed out.
 */
export function connect(options: ConnectOptions): Promise<Socket>;
export function connect(port: number | string, host?: string): Promise<Socket>;
export function connect(path: string): Promise<Socket>;
export async function connect(...args: unknown[]): Promise<Socket> {
  const [options] = optionsAndCallback(args);
  const socket = connectSocket(options as unknown as ConnectOptions);
  const early: SocketEventMap['notice'][] = [];
  const onnotice = (...said: SocketEventMap['notice']) => {
    if (socket.listenerCount('notice') === 1) early.push(said);
  };
  await new Promise<void>((resolve, reject) => {
    const onconnect = () => {
      socket.off('close', onclose);
      resolve();
      // RESET may come right after ACCEPT, before the awaiting code can listen;
      // so may a notice.
      socket.on('notice', onnotice);
      setImmediate(() => {
        socket.off('error', reject).off('notice', onnotice);
        for (const said of early) socket.emit('notice', ...said);
      });
    };
    const onclose = () => {
      reject(new Error('the socket was closed before it was connected'));
    };
    socket.once('connect', onconnect);
    socket.once('error', reject);
    socket.once('close', onclose);
  });
  return socket;
}

/** Resolves with the server when it listens. */
export function listen(
  server: Server,
  options: ListenOptions = {},
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      server.off('error', onerror).off('listening', onlistening);
    };
    const onerror = (error: Error) => {
      settle();
      reject(error);
    };
    const onlistening = () => {
      settle();
      resolve(server);
    };
    server.once('error', onerror);
    server.once('listening', onlistening);
    server.listen(Object.keys(options).length === 0 ? { port: 0 } : options);
  });
}

export { createServer } from './index.js';
