import type { ConnectionOptions, TlsOptions } from 'node:tls';
import {
  checkBoolean,
  checkFunction,
  checkInteger,
  invalidArgType,
  outOfRange,
  checkIdleTimeout,
} from '../arguments.js';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  AF_UNSPEC,
  FROM_PROTOCOL_INFO,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from '../vocabulary/constants.js';
import {
  WSAEAFNOSUPPORT,
  WSAEPROTONOSUPPORT,
  WSAESOCKTNOSUPPORT,
  type Status,
} from '../vocabulary/error-codes.js';
import type { ProtocolInfo } from '../vocabulary/protocol-info.js';
import {
  defaultSocketOptions,
  type Failure,
  type Medium,
  type Provider,
  type SocketOptions,
} from '../provider/provider.js';
import { selectProvider } from '../provider/select.js';
import { fail } from './last-error.js';
import { toName, type SOCKADDR } from './sockaddr.js';
import { SocketHandle, type Traits } from './socket-handle.js';
import { INVALID_SOCKET, type SOCKET } from './socket.js';

/** Options of WSASocket beside Winsock's parameters: an extension. */
export interface WSASocketOptions extends Partial<
  Omit<SocketOptions, 'socketType'>
> {
  /** `auto`, or a provider's name as {@link ProtocolInfo} gives it. */
  provider?: string | undefined;
  /** TLS inside the medium and framing inside TLS (contract row 16). */
  tls?: ConnectionOptions | TlsOptions | undefined;
  /** At a listening socket: a handshake failed before there was a request. */
  onHandshakeFailure?:
    ((failure: Failure, callerId: SOCKADDR) => void) | undefined;
}

/**
 * Makes a socket.
 *
 * @param af AF_INET, AF_INET6 or AF_UNIX; AF_UNSPEC: the protocol info's.
 * @param type SOCK_STREAM, or SOCK_SEQPACKET (message-oriented, reliable);
 *  0: the protocol info's.
 * @param protocol IPPROTO_TCP, or 0 for the only one.
 * @param protocolInfo an entry of WSAEnumProtocols, which also names the
 *  provider; wins over the other three where they are 0 or
 *  FROM_PROTOCOL_INFO, and over `options.provider`.
 * @param options an extension: the provider, TLS, limits and timeouts.
 * @returns INVALID_SOCKET with WSAEAFNOSUPPORT, WSAESOCKTNOSUPPORT,
 *  or WSAEPROTONOSUPPORT.
 * @throws {RangeError} no provider has the name, or a limit is invalid.
 * @see "WSASocketW function (winsock2.h)"
 */
export function WSASocket(
  af: number,
  type: number,
  protocol: number,
  protocolInfo?: ProtocolInfo | null,
  options?: WSASocketOptions,
): SOCKET {
  checkInteger(af, 'af', FROM_PROTOCOL_INFO, 0xffff);
  checkInteger(type, 'type', FROM_PROTOCOL_INFO, 0xffff);
  checkInteger(protocol, 'protocol', FROM_PROTOCOL_INFO, 0xffff);
  const info = protocolInfo ?? undefined;
  const provider = providerOf(
    info?.provider ?? options?.provider,
    chosen(af, info?.addressFamily) === AF_UNIX
      ? {}
      : { port: 0, tls: options?.tls },
  );
  const found = findProtocol(
    provider,
    chosen(af, info?.addressFamily) ?? AF_UNSPEC,
    chosen(type, info?.socketType) ?? 0,
    chosen(protocol, info?.protocolNumber) ?? 0,
  );
  if (typeof found === 'number') {
    fail(found);
    return INVALID_SOCKET;
  }
  const traits: Traits = {
    provider,
    protocol: found,
    options: socketOptions(found.socketType, options),
    tls: options?.tls,
    onHandshakeFailure: handshakeHook(options?.onHandshakeFailure),
  };
  // An invalid GOODBYTE_TRANSPORT is reported here, not at its first use.
  void provider.transport;
  return new SocketHandle(traits);
}

/** The given value, unless it leaves the choice to the protocol info. */
function chosen(
  given: number,
  fromInfo: number | undefined,
): number | undefined {
  return given === FROM_PROTOCOL_INFO || given === 0 ? fromInfo : given;
}

function providerOf(name: string | undefined, medium: Medium): Provider {
  if (name !== undefined && typeof name !== 'string') {
    throw invalidArgType('options.provider', 'of type string', name);
  }
  try {
    return selectProvider(name, medium);
  } catch (error) {
    throw outOfRange(
      'options.provider',
      `an available provider (${(error as Error).message})`,
      name,
    );
  }
}

function findProtocol(
  { protocols }: Provider,
  family: number,
  type: number,
  protocol: number,
): ProtocolInfo | Status {
  const knownFamilies = [AF_INET, AF_INET6, AF_UNIX];
  if (!knownFamilies.includes(family)) return WSAEAFNOSUPPORT;
  if (type !== SOCK_STREAM && type !== SOCK_SEQPACKET) {
    return WSAESOCKTNOSUPPORT;
  }
  const ofFamily = protocols.filter((info) => info.addressFamily === family);
  if (ofFamily.length === 0) return WSAEAFNOSUPPORT;
  const ofType = ofFamily.filter((info) => info.socketType === type);
  if (ofType.length === 0) return WSAESOCKTNOSUPPORT;
  return (
    ofType.find((info) => protocol === 0 || info.protocolNumber === protocol) ??
    WSAEPROTONOSUPPORT
  );
}

/** The maximum of each limit and timeout. */
const limits = {
  userDataLimit: 65_535,
  messageLimit: 0xffffff,
  receiveBuffer: 2 ** 31 - 1,
  sendBuffer: 2 ** 31 - 1,
  connectTimeout: 2 ** 31 - 1,
  handshakeTimeout: 2 ** 31 - 1,
  deferTimeout: 2 ** 31 - 1,
  lingerTimeout: 2 ** 31 - 1,
  idleTimeout: 2 ** 31 - 1,
  maxPending: 2 ** 31 - 1,
  maxDeferred: 2 ** 31 - 1,
} as const;

const standard = new Map(
  [SOCK_STREAM, SOCK_SEQPACKET].map((socketType) => [
    socketType,
    Object.freeze({ ...defaultSocketOptions, socketType }),
  ]),
);

const switches = ['allowPlain', 'eagerFin', 'allowBareFin'] as const;

function socketOptions(
  socketType: number,
  options: WSASocketOptions | undefined,
): Readonly<SocketOptions> {
  if (!options) return standard.get(socketType)!;
  const merged: SocketOptions = { ...defaultSocketOptions, socketType };
  for (const name of Object.keys(limits) as (keyof typeof limits)[]) {
    const value = options[name];
    if (value === undefined) continue;
    checkInteger(value, `options.${name}`, 0, limits[name]);
    if (name === 'idleTimeout') checkIdleTimeout(value, `options.${name}`);
    merged[name] = value;
  }
  for (const name of switches) {
    const value = options[name];
    if (value === undefined) continue;
    checkBoolean(value, `options.${name}`);
    merged[name] = value;
  }
  return merged;
}

function handshakeHook(
  hook: WSASocketOptions['onHandshakeFailure'],
): Traits['onHandshakeFailure'] {
  if (hook === undefined) return undefined;
  checkFunction(hook, 'options.onHandshakeFailure');
  return (failure, callerId) => {
    hook(failure, toName(callerId));
  };
}
