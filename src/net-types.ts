// The names under which `@types/node` exports the types of `node:net`, for
// programs typed with them. Ours have more members, under our own names.

import type {
  ConnectOptions,
  OnReadOptions,
  PipeConnectOptions,
  SocketConstructorOptions,
  TcpConnectOptions,
} from './socket/options.js';
import type { ServerOptions } from './server/options.js';
import type { Socket } from './socket.js';

export type {
  IPVersion,
  LookupFunction,
  SocketAddressInitOptions,
} from 'node:net';

/** Only in @types/node 20. */
export type ConnectOpts = Pick<SocketConstructorOptions, 'onread'>;
export type IpcNetConnectOpts = PipeConnectOptions;
export type IpcSocketConnectOpts = PipeConnectOptions;
export type NetConnectOpts = ConnectOptions;
export type OnReadOpts = OnReadOptions;
export type ServerOpts = ServerOptions;
export type SocketConnectOpts = ConnectOptions;
export type SocketConstructorOpts = SocketConstructorOptions;
export type SocketReadyState = Socket['readyState'];
export type TcpNetConnectOpts = TcpConnectOptions;
export type TcpSocketConnectOpts = TcpConnectOptions;
