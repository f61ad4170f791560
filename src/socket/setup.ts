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

/** Node's events about a connect's addresses. */
export interface Place {
  address?: string | undefined;
  port?: number | undefined;
}

/** One connect: its options and its target. */
export class Setup {
  /** The owner, until the connect is over. */
  #socket: Socket | undefined;
  readonly #target: ConnectTarget;
  readonly #provider: Provider;
  readonly #socketOptions: Readonly<SocketOptions>;
  readonly #callerData: Uint8Array | undefined;
  readonly #blockList: unknown;
  readonly sqos: Qos | undefined = undefined;
  #place: Place;

  /** @throws for an invalid option; in net's words if it is one of net's. */
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

  /** The last attempt's. */
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

  /** @throws errors that only Node's own checks find. */
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
      // The dialler has not tried the addresses yet.
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
