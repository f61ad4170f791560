// All that `goodbyte` exports by name.

import {
  BlockList,
  SocketAddress,
  getDefaultAutoSelectFamily,
  getDefaultAutoSelectFamilyAttemptTimeout,
  isIP,
  isIPv4,
  isIPv6,
  setDefaultAutoSelectFamily,
  setDefaultAutoSelectFamilyAttemptTimeout,
} from 'node:net';
import { BoundSocket } from './bound-socket.js';
import { callable } from './callable.js';
import { connect } from './connect.js';
import { WinsockError } from './errors.js';
import { Server as ServerClass } from './server.js';
import {
  getDefaultAllowPlain,
  setDefaultAllowPlain,
} from './server/default-allow-plain.js';
import type { ServerOptions } from './server/options.js';
import { accept, reject } from './server/verdict.js';
import { Socket as SocketClass } from './socket.js';

export const Socket = callable(SocketClass);
export type Socket = SocketClass;
export const Server = callable(ServerClass);
export type Server = ServerClass;

/** Makes a server; `connectionListener` is added to `connection`. */
export function createServer(
  connectionListener?: (socket: Socket) => void,
): Server;
export function createServer(
  options?: ServerOptions | null,
  connectionListener?: (socket: Socket) => void,
): Server;
export function createServer(
  options?: ServerOptions | ((socket: Socket) => void) | null,
  connectionListener?: (socket: Socket) => void,
): Server {
  return new ServerClass(options as ServerOptions, connectionListener);
}

export {
  accept,
  BlockList,
  BoundSocket,
  connect,
  connect as createConnection,
  getDefaultAllowPlain,
  getDefaultAutoSelectFamily,
  getDefaultAutoSelectFamilyAttemptTimeout,
  isIP,
  isIPv4,
  isIPv6,
  reject,
  setDefaultAllowPlain,
  setDefaultAutoSelectFamily,
  setDefaultAutoSelectFamilyAttemptTimeout,
  Socket as Stream,
  SocketAddress,
  WinsockError,
};

export type { BoundSocketOptions } from './bound-socket.js';
export type * from './net-types.js';
export type {
  AllowPlainOptions,
  ConnectionOptions,
} from './connection-options.js';
export type {
  ConnectMessage,
  ConnectTrace,
  DisconnectMessage,
  DisconnectTrace,
  DrainMessage,
  HandshakeErrorMessage,
  ResetMessage,
  VerdictMessage,
  WordLostMessage,
} from './messages.js';
export type { WinsockCode } from './errors.js';
export type { Address, ListenerStatistics } from './provider/provider.js';
export type { Condition, ConditionRequest } from './server/condition.js';
export type { DrainCounts, DrainOptions, DrainResult } from './server/drain.js';
export type {
  DropArgument,
  ListenOptions,
  ServerOptions,
} from './server/options.js';
export type { ServerMetrics } from './server/metrics.js';
export type { ServerStatistics } from './server.js';
export type { ServerEventMap } from './server/events.js';
export type {
  AcceptOptions,
  Decision,
  RejectOptions,
} from './server/verdict.js';
export type { AddressInfo } from './socket.js';
export type { SocketEventMap } from './socket/events.js';
export type {
  Answer,
  ConnectOptions,
  DisconnectOptions,
  LastWordWithCode,
  NotifyOptions,
  OnReadOptions,
  PipeConnectOptions,
  Reply,
  ResetOptions,
  SetKeepAliveOptions,
  SocketConstructorOptions,
  StreamConnectOptions,
  TcpConnectOptions,
} from './socket/options.js';
export type { UserData } from './user-data.js';
export type { Flowspec, Qos } from './vocabulary/qos.js';
