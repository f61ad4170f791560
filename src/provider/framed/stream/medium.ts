import { Socket as NetSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { loadTls } from '../../../on-demand.js';
import { resetTcp } from '../../../tcp-reset.js';
import type { Address, KeepAliveProbes } from '../../provider.js';
import { localAddressOf, remoteAddressOf } from './address.js';
import { outstandingOf } from './outstanding.js';

/** net.Socket's methods, if Node has them. */
interface Marking extends NetSocket {
  setTypeOfService(value: number): this;
  getTypeOfService(): number;
}
interface KeepingAlive {
  setKeepAlive(
    on: boolean,
    delay: number | undefined,
    interval: number | undefined,
    count: number | undefined,
  ): void;
}

/** A Duplex, and its features besides octets: TCP has the most. */
export abstract class StreamMedium {
  readonly stream: Duplex;
  protected readonly net: NetSocket | undefined;
  #remoteAddress: Address | undefined;

  constructor(stream: Duplex) {
    this.stream = stream;
    this.net = stream instanceof NetSocket ? stream : undefined;
  }

  protected get isTls(): boolean {
    // Only then is the module loaded that knows.
    const { net } = this;
    return isEncrypted(net) && net instanceof loadTls().TLSSocket;
  }

  /** TCP has one; a pipe has no port, and TLS would lose its own ending. */
  protected get hasReset(): boolean {
    return this.net?.remotePort !== undefined && !this.isTls;
  }

  protected abort(): void {
    if (this.hasReset) resetTcp(this.net!);
    else this.stream.destroy();
  }

  get outstanding(): number {
    return this.net ? outstandingOf(this.net) : 0;
  }

  ref(): void {
    this.net?.ref();
  }

  unref(): void {
    this.net?.unref();
  }

  setNoDelay(on: boolean): void {
    this.net?.setNoDelay(on);
  }

  setKeepAlive(
    on: boolean,
    delay?: number,
    { interval, count }: KeepAliveProbes = {},
  ): void {
    // Node before 24.21 takes only two of them.
    const socket = this.net as KeepingAlive | undefined;
    socket?.setKeepAlive(on, delay, interval, count);
  }

  /** Only on TCP, and in Node from 24.21 on. */
  setTypeOfService(value: number): boolean {
    const socket = this.#marking;
    try {
      socket?.setTypeOfService(value);
      return socket !== undefined;
    } catch {
      return false;
    }
  }

  get typeOfService(): number | undefined {
    try {
      return this.#marking?.getTypeOfService();
    } catch {
      return undefined;
    }
  }

  get #marking(): Marking | undefined {
    const socket = this.net as Marking | undefined;
    return socket?.remotePort !== undefined &&
      typeof socket.setTypeOfService === 'function'
      ? socket
      : undefined;
  }

  /** Node has no functions for them. */
  setTcpOption(): boolean {
    return false;
  }

  tcpOption(): undefined {}

  shape(): void {}

  get localAddress(): Address | undefined {
    return localAddressOf(this.stream);
  }

  /** The stream no longer reports it once it is destroyed. */
  protected noteRemoteAddress(): void {
    this.#remoteAddress = remoteAddressOf(this.stream);
  }

  get remoteAddress(): Address | undefined {
    return (this.#remoteAddress ??= remoteAddressOf(this.stream));
  }
}

/** Whether a socket is a TLSSocket, by the member that each has. */
function isEncrypted(socket: NetSocket | undefined): boolean {
  return (socket as { encrypted?: unknown } | undefined)?.encrypted === true;
}
