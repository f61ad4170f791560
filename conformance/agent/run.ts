import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
  SO_LINGER,
} from '../../src/vocabulary/constants.js';
import { INVALID_SOCKET } from '../../src/winsock/index.js';
import type { ProtocolInfo } from '../../src/vocabulary/protocol-info.js';
import type { BeginMessage } from '../protocol/messages.js';
import { octetsOf } from '../scenario/data.js';
import type { DataSpec, Family } from '../scenario/types.js';
import { libraryCalls, type Calls } from './calls.js';
import { tlsOptions } from './certificate.js';
import type { Hosts } from './hosts.js';
import { AgentSocket, type Handle, type Indication } from './socket.js';

/** Thrown for a request that the agent answers with "unsupported". */
export class Unsupported extends Error {}

const addressFamilies = {
  IPv4: AF_INET,
  IPv6: AF_INET6,
  unix: AF_UNIX,
  tls: AF_INET,
};

const names: readonly Family[] = ['IPv4', 'IPv6', 'unix'];

/** AF_INET and its like for a family's name. */
export function addressFamily(family: Family): number {
  return addressFamilies[family];
}

/** One run of a case: its sockets and stored data. */
export class Run {
  readonly family: Family;
  readonly calls: Calls;
  /** The listening address; '' on Unix sockets. */
  readonly host: string;
  readonly stored = new Map<string, Buffer>();
  /** False once the run has ended: later events are dropped. */
  alive = true;
  /** Run at the end, after the sockets are closed. */
  readonly cleanups: (() => void)[] = [];

  readonly #sockets = new Map<string, AgentSocket>();
  readonly #protocol: ProtocolInfo | undefined;
  readonly #report: (socket: string, indication: Indication) => void;

  constructor(
    { family, socketType }: BeginMessage,
    protocols: readonly ProtocolInfo[],
    calls: Calls,
    hosts: Hosts,
    report: (socket: string, indication: Indication) => void,
  ) {
    this.family = family;
    this.calls = calls;
    this.host = hosts[family === 'tls' ? 'IPv4' : family] ?? '';
    this.#report = (socket, indication) => {
      if (this.alive) report(socket, indication);
    };
    const wanted = socketType === 'message' ? SOCK_SEQPACKET : SOCK_STREAM;
    this.#protocol = protocols.find(
      (one) =>
        one.socketType === wanted &&
        one.addressFamily === addressFamily(family),
    );
  }

  /**
   * Makes a socket of the run's kind.
   *
   * @param side the end of TLS, if the run's family has TLS.
   */
  open(
    name: string,
    side: 'caller' | 'callee',
    options?: object,
  ): AgentSocket | number {
    const info = this.#protocol;
    if (!info) throw new Unsupported(`no protocol for ${this.family}`);
    const handle = this.calls.WSASocket(
      info.addressFamily,
      info.socketType,
      info.protocolNumber,
      info,
      this.family === 'tls' ? { ...options, tls: tlsOptions(side) } : options,
    );
    const status = this.calls.WSAGetLastError();
    return this.isHandle(handle) ? this.keep(name, handle) : status;
  }

  /** The name of an address family, in this run. */
  familyOf(family: number): Family | undefined {
    if (family === addressFamily(this.family)) return this.family;
    return names.find((name) => addressFamily(name) === family);
  }

  isHandle(handle: Handle): boolean {
    return handle !== INVALID_SOCKET;
  }

  /** @param from the listener whose event selection it inherits. */
  keep(name: string, handle: Handle, from?: AgentSocket): AgentSocket {
    const socket = new AgentSocket(
      name,
      handle,
      this.calls,
      this.#report,
      from,
    );
    this.#sockets.set(name, socket);
    return socket;
  }

  /** The socket of a name. */
  socket(name: unknown): AgentSocket {
    const found = this.#sockets.get(String(name));
    if (!found) throw new RangeError(`no socket "${String(name)}"`);
    return found;
  }

  has(name: unknown): boolean {
    return this.#sockets.has(String(name));
  }

  /** Octets that a step names; `undefined` if it names none. */
  octets(spec: unknown): Buffer | undefined {
    return spec === undefined || spec === null
      ? undefined
      : octetsOf(spec as DataSpec, (name) => this.stored.get(name));
  }

  /** Ends the run and closes everything, whatever a wrong agent's calls do. */
  end(): void {
    this.alive = false;
    const { setsockopt, closesocket } = libraryCalls;
    for (const { handle } of this.#sockets.values()) {
      setsockopt(handle, SOL_SOCKET, SO_LINGER, {
        onoff: 1,
        linger: 0,
      });
      closesocket(handle);
    }
    for (const cleanup of this.cleanups) cleanup();
  }
}
