import { connect, type Socket } from 'node:net';

/** A plain connection to a port on this machine, whose errors are ignored. */
export function open(port: number): Socket {
  return connect({ port, host: '127.0.0.1', noDelay: true }).on(
    'error',
    () => {},
  );
}

/** Resolves when it is closed, also by a reset. */
export function gone(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}
