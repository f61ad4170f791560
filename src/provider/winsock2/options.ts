import {
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  SOL_SOCKET,
  SO_CONDITIONAL_ACCEPT,
  SO_KEEPALIVE,
  SO_LINGER,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_MAXRTMS,
  TCP_NODELAY,
} from '../../vocabulary/constants.js';
import { WSAENOPROTOOPT, type Status } from '../../vocabulary/error-codes.js';
import type {
  KeepAliveProbes,
  ProviderMedium,
  TcpOption,
} from '../provider.js';
import type { NativeWinsock } from '../../native-winsock.js';

/** SO_CONNOPT and the like hold no more: their length has 16 bits. */
const room = Buffer.alloc(65_535);

const tcpOptions: Record<TcpOption, number> = {
  userTimeout: TCP_MAXRTMS,
  keepAliveIdle: TCP_KEEPIDLE,
  keepAliveInterval: TCP_KEEPINTVL,
  keepAliveCount: TCP_KEEPCNT,
};

/** setsockopt and getsockopt of one socket, in Winsock's forms of values. */
export class Options implements ProviderMedium {
  readonly #native: NativeWinsock;
  readonly #id: number;

  constructor(native: NativeWinsock, id: number) {
    this.#native = native;
    this.#id = id;
  }

  setConditionalAccept(): Status {
    return this.#setNumber(SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 1);
  }

  setNoDelay(on: boolean): Status {
    return this.#setNumber(IPPROTO_TCP, TCP_NODELAY, Number(on));
  }

  /** @param delay milliseconds before the first probe. */
  setKeepAlive(
    on: boolean,
    delay = 0,
    { interval = 0, count = 0 }: KeepAliveProbes = {},
  ): Status {
    let status = this.#setNumber(SOL_SOCKET, SO_KEEPALIVE, Number(on));
    if (!on) return status;
    const further: [TcpOption, number][] = [
      ['keepAliveIdle', Math.floor(delay / 1000)],
      ['keepAliveInterval', Math.floor(interval / 1000)],
      ['keepAliveCount', count],
    ];
    for (const [option, value] of further) {
      if (status === 0 && value > 0) status = this.setTcpOption(option, value);
    }
    return status;
  }

  setTcpOption(option: TcpOption, value: number): Status {
    return this.#setNumber(IPPROTO_TCP, tcpOptions[option], value);
  }

  tcpOption(option: TcpOption): number | undefined {
    const value = Buffer.alloc(4);
    const length = this.#native.getOption(
      this.#id,
      IPPROTO_TCP,
      tcpOptions[option],
      value,
    );
    return length === value.length ? value.readUInt32LE() : undefined;
  }

  /** Windows takes it only from its policies. */
  setTypeOfService(): Status {
    return WSAENOPROTOOPT;
  }

  readonly typeOfService = undefined;

  setV6Only(on: boolean): Status {
    return this.#setNumber(IPPROTO_IPV6, IPV6_V6ONLY, Number(on));
  }

  /** SO_LINGER with 0 seconds: closing resets. */
  setAbortive(): Status {
    // struct linger: two unsigned shorts.
    return this.#set(SOL_SOCKET, SO_LINGER, Buffer.from([1, 0, 0, 0]));
  }

  /** SO_CONNOPT, SO_DISCOPT. */
  setOctets(name: number, octets: Uint8Array): Status {
    return this.#set(SOL_SOCKET, name, octets);
  }

  octets(name: number): Uint8Array | undefined {
    const length = this.#native.getOption(this.#id, SOL_SOCKET, name, room);
    return length > 0 ? Buffer.from(room.subarray(0, length)) : undefined;
  }

  #setNumber(level: number, name: number, value: number): Status {
    const octets = Buffer.alloc(4);
    octets.writeUInt32LE(value);
    return this.#set(level, name, octets);
  }

  #set(level: number, name: number, value: Uint8Array): Status {
    return this.#native.setOption(this.#id, level, name, value);
  }
}

/** For a closed connection. */
export const noMedium: ProviderMedium = {
  setNoDelay: () => 0,
  setKeepAlive: () => 0,
  setTypeOfService: () => WSAENOPROTOOPT,
  typeOfService: undefined,
  setTcpOption: () => WSAENOPROTOOPT,
  tcpOption: () => undefined,
};
