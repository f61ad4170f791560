import {
  checkBoolean,
  checkInteger,
  checkNumber,
  invalidArgType,
} from '../arguments.js';
import {
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  SOL_SOCKET,
  SO_ACCEPTCONN,
  SO_CONDITIONAL_ACCEPT,
  SO_CONNDATA,
  SO_CONNDATALEN,
  SO_CONNOPT,
  SO_CONNOPTLEN,
  SO_DISCDATA,
  SO_DISCDATALEN,
  SO_DISCOPT,
  SO_DISCOPTLEN,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_PROTOCOL_INFO,
  SO_RCVBUF,
  SO_SNDBUF,
  SO_TYPE,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_MAXRTMS,
  TCP_NODELAY,
} from '../vocabulary/constants.js';
import {
  WSAEFAULT,
  WSAEINVAL,
  WSAEISCONN,
  WSAEMSGSIZE,
  WSAENOPROTOOPT,
  WSAENOTCONN,
  type Status,
} from '../vocabulary/error-codes.js';
import type { ProtocolInfo } from '../vocabulary/protocol-info.js';
import type { SocketOptions, TcpOption } from '../provider/provider.js';
import { checkOctets } from './buffers.js';
import { fail, outcome } from './last-error.js';
import {
  openSocket,
  type Linger,
  type SocketHandle,
  type SOCKET,
} from './socket-handle.js';
import { noUserData, type UserDataOptions } from './user-data-options.js';

/** Types of option values: numbers, flags, octets, SO_LINGER's. */
export type SocketOptionValue =
  number | boolean | Uint8Array | Linger | ProtocolInfo;

interface Option {
  /** `undefined`: this socket has none. */
  get: (socket: SocketHandle) => SocketOptionValue | undefined;
  /** Absent: it can only be read. */
  set?: (socket: SocketHandle, value: unknown) => Status;
}

/** Octets of user data in a field of the wire. */
const MOST_USER_DATA = 65_535;

const generalOptions = new Map<number, Option>([
  [
    SO_LINGER,
    {
      get: ({ linger }) => ({ ...linger }),
      set(socket, value) {
        const { onoff, linger } = checkLinger(value);
        socket.linger = { onoff: onoff === 0 ? 0 : 1, linger };
        return 0;
      },
    },
  ],
  [
    SO_CONDITIONAL_ACCEPT,
    {
      get: ({ conditionalAccept }) => conditionalAccept,
      set(socket, value) {
        const on = flag(value);
        if (socket.stage === 'listening') return WSAEINVAL;
        socket.conditionalAccept = on;
        return 0;
      },
    },
  ],
  [
    SO_KEEPALIVE,
    {
      get: ({ keepAlive }) => keepAlive,
      set(socket, value) {
        socket.keepAlive = flag(value);
        return socket.connection?.medium.setKeepAlive(socket.keepAlive) ?? 0;
      },
    },
  ],
  [
    SO_ERROR,
    {
      get(socket) {
        const { error } = socket;
        socket.error = 0;
        return error;
      },
    },
  ],
  [SO_TYPE, { get: ({ traits }) => traits.options.socketType }],
  [SO_ACCEPTCONN, { get: ({ stage }) => stage === 'listening' }],
  [SO_PROTOCOL_INFO, { get: ({ traits }) => ({ ...traits.protocol }) }],
  [SO_SNDBUF, bufferOption('sendBuffer')],
  [SO_RCVBUF, bufferOption('receiveBuffer')],
  [SO_CONNDATA, connectOption('connectData', receivedData)],
  [SO_CONNOPT, connectOption('connectOptions', receivedOptions)],
  [SO_CONNDATALEN, reserveOption('connectDataLength', receivedData)],
  [SO_CONNOPTLEN, reserveOption('connectOptionsLength', receivedOptions)],
  [
    SO_DISCDATA,
    {
      get: (socket) => peersLastWord(socket) ?? NOTHING,
      set(socket, value) {
        const octets = userData(value);
        const status = lastWordFits(socket, octets);
        if (status === 0) userDataOf(socket).disconnectData = octets;
        return status;
      },
    },
  ],
  [
    SO_DISCOPT,
    {
      get: (socket) => peersOptions(socket) ?? NOTHING,
      set(socket, value) {
        const octets = userData(value);
        const status = lastWordFits(socket, octets);
        if (status === 0) setDisconnectOptions(socket, octets);
        return status;
      },
    },
  ],
  [
    SO_DISCDATALEN,
    {
      get: ({ connection }) => connection?.inbox.disconnectDataLength ?? 0,
      set: reserveLastWord,
    },
  ],
  [
    SO_DISCOPTLEN,
    {
      get: (socket) => peersOptions(socket)?.length ?? 0,
      set: reserveLastWord,
    },
  ],
]);

/** The corresponding options of Linux. */
const MOST_SECONDS = 32_767;
const MOST_PROBES = 127;

const levels = new Map<number, ReadonlyMap<number, Option>>([
  [SOL_SOCKET, generalOptions],
  [
    IPPROTO_TCP,
    new Map([
      [
        TCP_NODELAY,
        {
          get: ({ noDelay }: SocketHandle) => noDelay ?? true,
          set(socket: SocketHandle, value: unknown) {
            const on = flag(value);
            socket.noDelay = on;
            return socket.connection?.medium.setNoDelay(on) ?? 0;
          },
        },
      ],
      [TCP_KEEPIDLE, tcpOption('keepAliveIdle', MOST_SECONDS)],
      [TCP_KEEPINTVL, tcpOption('keepAliveInterval', MOST_SECONDS)],
      [TCP_KEEPCNT, tcpOption('keepAliveCount', MOST_PROBES)],
      [TCP_MAXRTMS, tcpOption('userTimeout', 2 ** 31 - 1)],
    ]),
  ],
  [
    IPPROTO_IPV6,
    new Map([
      [
        IPV6_V6ONLY,
        {
          get: ({ v6Only }: SocketHandle) => v6Only,
          set(socket: SocketHandle, value: unknown) {
            const on = flag(value);
            if (socket.stage !== 'unconnected') return WSAEINVAL;
            socket.v6Only = on;
            return 0;
          },
        },
      ],
    ]),
  ],
]);

/**
 * Reads an option.
 *
 * | level, name | value |
 * |---|---|
 * | SOL_SOCKET, SO_LINGER | `{ onoff, linger }`, seconds |
 * | SOL_SOCKET, SO_CONDITIONAL_ACCEPT | boolean |
 * | SOL_SOCKET, SO_KEEPALIVE | boolean |
 * | SOL_SOCKET, SO_ERROR | why the last connect failed or the connection broke; reading clears it |
 * | SOL_SOCKET, SO_TYPE | SOCK_STREAM, SOCK_SEQPACKET |
 * | SOL_SOCKET, SO_ACCEPTCONN | boolean: it listens |
 * | SOL_SOCKET, SO_PROTOCOL_INFO | the entry of WSAEnumProtocols |
 * | SOL_SOCKET, SO_SNDBUF, SO_RCVBUF | octets |
 * | SOL_SOCKET, SO_CONNDATA, SO_CONNOPT | what came at connect: the callee's answer (or reject data), at the callee the caller's data; empty if nothing |
 * | SOL_SOCKET, SO_DISCDATA, SO_DISCOPT | what came with the peer's last word; empty if nothing |
 * | SOL_SOCKET, SO_CONNDATALEN … SO_DISCOPTLEN | the length of that |
 * | IPPROTO_TCP, TCP_NODELAY | boolean; on from the start |
 * | IPPROTO_TCP, TCP_KEEPIDLE, TCP_KEEPINTVL | seconds before the first keepalive probe, between two |
 * | IPPROTO_TCP, TCP_KEEPCNT | probes without an answer before the connection breaks |
 * | IPPROTO_TCP, TCP_MAXRTMS | milliseconds that sent octets may stay unacknowledged (TCP_USER_TIMEOUT) |
 * | IPPROTO_IPV6, IPV6_V6ONLY | boolean; on from the start |
 *
 * @returns `undefined` with WSAENOTSOCK, WSAEINVAL (no such level) or
 *  WSAENOPROTOOPT (no such option, or none that this connection has).
 * @see "getsockopt function (winsock.h)"
 */
export function getsockopt(
  s: SOCKET,
  level: number,
  name: number,
): SocketOptionValue | undefined {
  const socket = openSocket(s);
  if (!socket) return undefined;
  const option = find(level, name);
  if (typeof option === 'number') {
    fail(option);
    return undefined;
  }
  const value = option.get(socket);
  if (value === undefined) fail(WSAENOPROTOOPT);
  return value;
}

/**
 * Sets an option, as {@link getsockopt} lists them. Flags take numbers as well.
 *
 * - SO_CONDITIONAL_ACCEPT: before listen. Framing always holds the caller's
 *   connect open until the verdict, so there it changes nothing.
 * - SO_SNDBUF, SO_RCVBUF: before connect or listen; accepted sockets inherit.
 * - TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_MAXRTMS: of a connection,
 *   where what carries it can be told: TCP on the engine.
 * - SO_CONNDATA, SO_CONNOPT: before connect, what the caller says if WSAConnect
 *   is given nothing; on a socket that listens, the one answer for all callers
 *   that accept takes without a condition function.
 * - SO_CONNDATALEN, SO_CONNOPTLEN: before connect, the room for an answer if
 *   WSAConnect is given no buffer. The wire has one limit for both: the larger.
 * - SO_DISCDATA, SO_DISCOPT: what goes out at shutdown(SD_SEND), closesocket,
 *   or WSASendDisconnect without data.
 * - SO_DISCDATALEN, SO_DISCOPTLEN: the room for the peer's last word. There
 *   always is as much as `userDataLimit`; more is WSAEINVAL.
 *
 * @returns 0, or SOCKET_ERROR with WSAENOTSOCK; WSAEINVAL (no such level, or
 *  not at this time); WSAENOPROTOOPT (no such option, or read-only); WSAEFAULT
 *  (more than 65,535 octets); WSAEISCONN (SO_CONNDATA of a connected socket);
 *  WSAEMSGSIZE (a last word that the peer does not take).
 * @throws {TypeError} the value is of another type.
 * @see "setsockopt function (winsock.h)", "SOL_SOCKET Socket Options"
 */
export function setsockopt(
  s: SOCKET,
  level: number,
  name: number,
  value: SocketOptionValue,
): number {
  const socket = openSocket(s);
  if (!socket) return -1;
  const option = find(level, name);
  if (typeof option === 'number') return fail(option);
  return option.set ? outcome(option.set(socket, value)) : fail(WSAENOPROTOOPT);
}

function find(level: number, name: number): Option | Status {
  checkNumber(level, 'level');
  checkNumber(name, 'name');
  const options = levels.get(level);
  return options ? (options.get(name) ?? WSAENOPROTOOPT) : WSAEINVAL;
}

// -- values -----------------------------------------------------------------

const NOTHING = new Uint8Array(0);

/** A BOOL: C programs have numbers for it. */
function flag(value: unknown): boolean {
  if (typeof value === 'number') return value !== 0;
  checkBoolean(value, 'value');
  return value === true;
}

function checkLinger(value: unknown): Linger {
  const linger = value as Linger | null;
  if (typeof linger !== 'object' || linger === null) {
    throw invalidArgType('value', 'a LINGER ({ onoff, linger })', value);
  }
  checkInteger(linger.onoff, 'value.onoff', 0, 0xffff);
  checkInteger(linger.linger, 'value.linger', 0, 0xffff);
  return linger;
}

/** A copy; `undefined` for empty data. */
function userData(value: unknown): Uint8Array | undefined {
  checkOctets(value, 'value');
  const octets = value as Uint8Array;
  return octets.length > 0 ? new Uint8Array(octets) : undefined;
}

function userDataOf(socket: SocketHandle): UserDataOptions {
  socket.userData ??= noUserData();
  return socket.userData;
}

// -- kinds of options -------------------------------------------------------

function bufferOption(name: 'sendBuffer' | 'receiveBuffer'): Option {
  return {
    get: ({ traits }) => traits.options[name],
    set(socket, value) {
      checkInteger(value, 'value', 0, 2 ** 31 - 1);
      if (socket.stage !== 'unconnected') return WSAEINVAL;
      const options: SocketOptions = { ...socket.traits.options };
      options[name] = value as number;
      socket.traits = { ...socket.traits, options };
      return 0;
    },
  };
}

function tcpOption(name: TcpOption, most: number): Option {
  return {
    get: ({ connection }) => connection?.medium.tcpOption(name),
    set({ stage, connection }, value) {
      checkInteger(value, 'value', 1, most);
      return connection && stage === 'connected'
        ? connection.medium.setTcpOption(name, value as number)
        : WSAENOTCONN;
    },
  };
}

function connectOption(
  name: 'connectData' | 'connectOptions',
  received: (socket: SocketHandle) => Uint8Array | undefined,
): Option {
  return {
    get: (socket) => received(socket) ?? NOTHING,
    set(socket, value) {
      const octets = userData(value);
      if (socket.stage === 'connected') return WSAEISCONN;
      if (socket.stage === 'connecting') return WSAEINVAL;
      if ((octets?.length ?? 0) > MOST_USER_DATA) return WSAEFAULT;
      userDataOf(socket)[name] = octets;
      return 0;
    },
  };
}

function reserveOption(
  name: 'connectDataLength' | 'connectOptionsLength',
  received: (socket: SocketHandle) => Uint8Array | undefined,
): Option {
  return {
    get: (socket) => received(socket)?.length ?? 0,
    set(socket, value) {
      checkInteger(value, 'value', 0, MOST_USER_DATA);
      if (socket.stage !== 'unconnected') return WSAEINVAL;
      userDataOf(socket)[name] = value as number;
      return 0;
    },
  };
}

function receivedData(socket: SocketHandle): Uint8Array | undefined {
  const { connection, isAccepted } = socket;
  if (isAccepted) return connection?.connectData.callerData;
  return connection?.failure
    ? connection.failure.rejectData
    : connection?.connectData.calleeData;
}

function receivedOptions(socket: SocketHandle): Uint8Array | undefined {
  const { connection, isAccepted } = socket;
  const { callerOptions, calleeOptions } = connection?.connectData ?? {};
  return isAccepted ? callerOptions : calleeOptions;
}

function peersLastWord({ connection }: SocketHandle): Uint8Array | undefined {
  const found = connection?.inbox.receiveDisconnect(Number.POSITIVE_INFINITY);
  return typeof found === 'number' ? undefined : found;
}

function peersOptions({ connection }: SocketHandle): Uint8Array | undefined {
  return connection?.receivedExtras?.options;
}

function setDisconnectOptions(
  socket: SocketHandle,
  options: Uint8Array | undefined,
): void {
  const { connection } = socket;
  userDataOf(socket).disconnectExtras = { options };
  if (!connection) return;
  connection.disconnectExtras = { ...connection.disconnectExtras, options };
}

function lastWordFits(
  { stage, connection }: SocketHandle,
  octets: Uint8Array | undefined,
): Status {
  const length = octets?.length ?? 0;
  if (length > MOST_USER_DATA) return WSAEFAULT;
  return connection &&
    stage === 'connected' &&
    length > connection.disconnectDataLimit
    ? WSAEMSGSIZE
    : 0;
}

function reserveLastWord({ traits }: SocketHandle, value: unknown): Status {
  checkInteger(value, 'value', 0, MOST_USER_DATA);
  return (value as number) > traits.options.userDataLimit ? WSAEINVAL : 0;
}
