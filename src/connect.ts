import { Socket } from './socket.js';
import type { ConnectOptions } from './socket/options.js';
import { optionsAndCallback } from './net-arguments.js';

/** Connects; the overloads are `Socket.connect`'s. */
export function connect(options: ConnectOptions, listener?: () => void): Socket;
export function connect(port: number | string, listener?: () => void): Socket;
export function connect(
  port: number | string,
  host: string,
  listener?: () => void,
): Socket;
export function connect(path: string, listener?: () => void): Socket;
export function connect(...args: unknown[]): Socket {
  const [options, listener] = optionsAndCallback(args);
  const socket = new Socket(options);
  const { timeout } = options;
  if (timeout) socket.setTimeout(timeout as number);
  return socket.connect(options as unknown as ConnectOptions, listener);
}
