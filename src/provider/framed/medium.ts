import { WSAENOPROTOOPT, type Status } from '../../vocabulary/error-codes.js';
import type {
  KeepAliveProbes,
  ProviderMedium,
  TcpOption,
} from '../provider.js';
import type { FrameTransport } from './transport.js';

/** A transport's medium, by the seam's statuses. */
export class FramedMedium implements ProviderMedium {
  readonly #transport: FrameTransport;

  constructor(transport: FrameTransport) {
    this.#transport = transport;
  }

  setNoDelay(on: boolean): Status {
    this.#transport.setNoDelay(on);
    return 0;
  }

  setKeepAlive(on: boolean, delay?: number, probes?: KeepAliveProbes): Status {
    this.#transport.setKeepAlive(on, delay, probes);
    return 0;
  }

  setTypeOfService(value: number): Status {
    return this.#transport.setTypeOfService(value) ? 0 : WSAENOPROTOOPT;
  }

  get typeOfService(): number | undefined {
    return this.#transport.typeOfService;
  }

  setTcpOption(option: TcpOption, value: number): Status {
    return this.#transport.setTcpOption(option, value) ? 0 : WSAENOPROTOOPT;
  }

  tcpOption(option: TcpOption): number | undefined {
    return this.#transport.tcpOption(option);
  }
}
