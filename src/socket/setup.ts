import { checkQos, isThere } from '../arguments.js';
import { providerOf, socketOptionsOf } from '../connection-options.js';
import { rethrowLater } from '../diagnostics.js';
import type {
  ConnectTarget,
  Provider,
  ProviderConnection,
  SocketOptions,
} from '../provider/provider.js';
import type { Socket } from '../socket.js';
import { octetsOf, userData } from '../user-data.js';
import type { Status } from '../vocabulary/error-codes.js';
import type { Qos } from '../vocabulary/qos.js';
import type { SocketConstructorOptions } from './options.js';
import { blockedBy, targetOf, triesFamilies } from './target.js';

/** Events of Node about a connect's addresses. */
export interface Place {
  address?: string | undefined;
  port?: number | undefined;
}

/** One connect: what is asked for, and where it goes. */
export class Setup {
  /** Whose connect it is, until that is over. */
  #socket: Socket | undefined;
  readonly #target: ConnectTarget;
  readonly #provider: Provider;
  readonly #socketOptions: Readonly<SocketOptions>;
  readonly #callerData: Uint8Array | undefined;
  readonly #blockList: unknown;
  readonly sqos: Qos | undefined = undefined;
  #place: Place;

  /** @throws if an option is wrong, in net's words where it is one of net's. */
  constructor(
    socket: Socket,
    ofSocket: SocketConstructorOptions,
    options: Record<string, unknown>,
  ) {
    this.#socket = socket;
    this.#target = targetOf(options, ofSocket.tls);
    this.#callerData = octetsOf(options['callerData'], 'options.callerData');
    const both = Object.assign({}, ofSocket, options);
    this.#provider = providerOf(both, this.#target);
    this.#socketOptions = socketOptionsOf(both);
    this.#blockList = options['blockList'];
    const { sqos } = options;
    if (isThere(sqos)) {
      checkQos(sqos, 'options.sqos');
      this.sqos = sqos;
    }
    this.#place = placeOf(this.#target);
  }

  get callerData(): Buffer | undefined {
    return userData(this.#callerData);
  }

  /** As it is tried last. */
  get place(): Place {
    return this.#place;
  }

  get triesFamilies(): boolean {
    return triesFamilies(this.#target);
  }

  /** Why it must not be tried. */
  get blocked(): Error | undefined {
    return blockedBy(this.#blockList, this.#target);
  }

  createConnection(): ProviderConnection {
    return this.#provider.createConnection(this.#socketOptions);
  }

  /** @throws what Node alone checks, and finds wrong. */
  start(provider: ProviderConnection): Status {
    return provider.connect(this.#watched(), {
      callerData: this.#callerData,
      calleeDataLimit: this.#socketOptions.userDataLimit,
      sqos: this.sqos,
    });
  }

  /** The socket is destroyed: it receives no more events. */
  stop(): void {
    this.#socket = undefined;
  }

  #watched(): ConnectTarget {
    const target = this.#target;
    if ('stream' in target) return target;
    return Object.assign({}, target, {
      onprogress: (event: string, ...about: unknown[]) => {
        this.#onProgress(event, about);
      },
    });
  }

  #onProgress(event: string, about: unknown[]): void {
    const socket = this.#socket;
    if (!socket?.connecting) return;
    if (event === 'connectionAttempt') {
      const [address, port] = about as [string, number];
      this.#place = { address, port };
      socket.autoSelectFamilyAttemptedAddresses?.push(`${address}:${port}`);
    }
    try {
      socket.emit(event, ...about);
    } catch (error) {
      // Whoever dials has the addresses still before it.
      rethrowLater(error);
    }
  }
}

function placeOf(target: object): Place {
  if ('path' in target) return { address: target.path as string };
  if ('port' in target && 'host' in target) {
    return { address: target.host as string, port: target.port as number };
  }
  return {};
}
