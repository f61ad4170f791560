import { checkInteger, checkNumber } from '../arguments.js';
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
  WSAEINVAL,
  WSAENOPROTOOPT,
  WSAENOTCONN,
  type Status,
} from '../vocabulary/error-codes.js';
import type { SocketOptions, TcpOption } from '../provider/provider.js';
import { fail, outcome } from './last-error.js';
import type { Option } from './option.js';
import {
  checkLinger,
  flag,
  NOTHING,
  userData,
  type SocketOptionValue,
} from './option-values.js';
import { openSocket, type SocketHandle } from './socket-handle.js';
import type { SOCKET } from './socket.js';
import {
  connectOption,
  lastWordFits,
  peersLastWord,
  peersOptions,
  receivedData,
  receivedOptions,
  reserveLastWord,
  reserveOption,
  setDisconnectOptions,
  userDataOf,
} from './user-data.js';

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
 * | SOL_SOCKET, SO_CONNDATA, SO_CONNOPT | the data received at connect: the
 * callee's answer (or reject data), at the callee the caller's data; empty if
 * absent |
 * | SOL_SOCKET, SO_DISCDATA, SO_DISCOPT | the data of the peer's last word;
 * empty if absent |
 * | SOL_SOCKET, SO_CONNDATALEN … SO_DISCOPTLEN | the length of that |
 * | IPPROTO_TCP, TCP_NODELAY | boolean; on from the start |
 * | IPPROTO_TCP, TCP_KEEPIDLE, TCP_KEEPINTVL | seconds before the first keepalive probe, between two |
 * | IPPROTO_TCP, TCP_KEEPCNT | probes without an answer before the connection breaks |
 * | IPPROTO_TCP, TCP_MAXRTMS | milliseconds that sent octets may stay unacknowledged (TCP_USER_TIMEOUT) |
 * | IPPROTO_IPV6, IPV6_V6ONLY | boolean; on from the start |
 *
 * @returns `undefined` with WSAENOTSOCK, WSAEINVAL (no such level) or
 *  WSAENOPROTOOPT (no such option, or not on this connection).
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
 * Sets an option, as {@link getsockopt} lists them. Flags accept numbers as
 * well.
 *
 * - SO_CONDITIONAL_ACCEPT: before listen. Framing always holds the caller's
 *   connect open until the verdict, so there it changes nothing.
 * - SO_SNDBUF, SO_RCVBUF: before connect or listen; accepted sockets inherit.
 * - TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_MAXRTMS: of a connection
 *   whose medium supports it: TCP on the engine.
 * - SO_CONNDATA, SO_CONNOPT: before connect, the caller data if WSAConnect is
 *   given none; on a listening socket, the answer to all callers accepted
 *   without a condition function.
 * - SO_CONNDATALEN, SO_CONNOPTLEN: before connect, the room for an answer if
 *   WSAConnect is given no buffer. The wire has one limit for both: the larger.
 * - SO_DISCDATA, SO_DISCOPT: sent at shutdown(SD_SEND), closesocket, or
 *   WSASendDisconnect without data.
 * - SO_DISCDATALEN, SO_DISCOPTLEN: the room for the peer's last word. It is
 *   always `userDataLimit`; more is WSAEINVAL.
 *
 * @returns 0, or SOCKET_ERROR with WSAENOTSOCK; WSAEINVAL (no such level, or
 *  not allowed now); WSAENOPROTOOPT (no such option, or read-only); WSAEFAULT
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
