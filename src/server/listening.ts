import type { Duplex } from 'node:stream';
import { providerOf, socketOptionsOf } from '../connection-options.js';
import { debug, netServerListen } from '../diagnostics.js';
import { errorOfFailure, WinsockError } from '../errors.js';
import type {
  Address,
  Failure,
  ListenerStatistics,
  Medium,
  ProviderListener,
  ListenerOwner,
} from '../provider/provider.js';
import type { AddressInfo } from '../socket.js';
import { checkStream } from '../socket/target.js';
import { WSAEADDRINUSE, WSAEOPNOTSUPP } from '../vocabulary/error-codes.js';
import type { CheckedOptions } from './check-options.js';
import { tellHandshakeError } from './handshake-error.js';
import type { ListenCall } from './listen-target.js';
import { addStatistics, type Counters } from './metrics.js';
import type { ServerOwner } from './owner.js';

/** A server's reactions to events of its listener. */
export interface ListeningHost {
  /** A listener has been made; its first caller may connect. */
  onopen(): void;
  /** Callers wait at a listener for their verdict. */
  oncallers(listener: ProviderListener): void;
  onerror(error: Error): void;
}

/** Where a server listens, and how it adopts streams. */
export class Listening {
  readonly #server: ServerOwner;
  readonly #options: CheckedOptions;
  readonly #host: ListeningHost;
  readonly #counters: Counters;

  #listener: ProviderListener | undefined;
  /** Bound, and not closed since. */
  #isBound = false;
  /** Adopts streams while the server does not listen. */
  #adopter: ProviderListener | undefined;
  #path: string | undefined;
  /** Nothing else reports it to subscribers of `net`'s channels. */
  #isTraced = false;
  /** As requested. */
  #port = 0;
  /** Stops the signal of `listen` from closing the server. */
  #forgetSignal: (() => void) | undefined;
  #unref = false;

  constructor(
    server: ServerOwner,
    options: CheckedOptions,
    counters: Counters,
    host: ListeningHost,
  ) {
    this.#server = server;
    this.#options = options;
    this.#counters = counters;
    this.#host = host;
  }

  // -- opening --------------------------------------------------------------

  /** @throws errors that only Node's own checks find. */
  listen({ target, path, signal, options }: ListenCall): void {
    // It replaces an earlier one that has not bound yet.
    this.#listener?.close();

    const listener = this.#open(target);
    this.#listener = listener;
    this.#path = path;
    this.#port = 'port' in target ? target.port : 0;
    if (this.#unref) listener.unref();
    if (signal) this.#closeAtAbort(signal);
    this.#isTraced = false;
    const onlisten = () => {
      this.#isTraced = netServerListen.hasSubscribers;
      this.#trace('asyncStart', { options });
    };
    try {
      listener.listen({ ...target, onlisten }, (failure) => {
        if (listener === this.#listener) this.#onListening(failure);
      });
    } catch (error) {
      this.#listener = undefined;
      throw error;
    }
  }

  #trace(event: 'asyncStart' | 'asyncEnd' | 'error', about: object): void {
    if (!this.#isTraced) return;
    netServerListen[event].publish({ server: this.#server, ...about });
  }

  #closeAtAbort(signal: AbortSignal): void {
    const onabort = () => {
      this.#server.close();
    };
    signal.addEventListener('abort', onabort, { once: true });
    this.#forgetSignal = () => {
      signal.removeEventListener('abort', onabort);
    };
  }

  adopt(stream: Duplex): void {
    checkStream(stream, 'stream');
    const tls = this.#options.tls;
    const listener = this.isListening && !this.#adopter && this.#listener;
    let status = listener ? listener.adopt(stream, tls) : WSAEOPNOTSUPP;
    if (status === WSAEOPNOTSUPP) {
      // It does not listen, or does so through a system provider.
      this.#adopter ??= this.#open({});
      status = this.#adopter.adopt(stream, tls);
    }
    if (status !== 0) throw new WinsockError(status, { syscall: 'adopt' });
  }

  #open(medium: Medium): ProviderListener {
    this.#host.onopen();
    const listener = providerOf(this.#options, medium).createListener(
      socketOptionsOf(this.#options),
    );
    listener.owner = this.#ownerOf(listener);
    return listener;
  }

  #ownerOf(listener: ProviderListener): ListenerOwner {
    return {
      onRequest: () => {
        this.#host.oncallers(listener);
      },
      onHandshakeFailure: (failure, callerId) => {
        this.#onHandshakeFailure(failure, callerId);
      },
      onListenError: (error) => {
        this.#host.onerror(error);
      },
    };
  }

  #onHandshakeFailure(failure: Failure, callerId: Address): void {
    const error = errorOfFailure(failure, 'accept', {
      address: callerId.address,
      port: callerId.port,
    });
    debug('a handshake failed: %s', error.message);
    tellHandshakeError(this.#server, this.#counters, error, callerId);
  }

  #onListening(failure: Failure): void {
    const path = this.#path;
    if (failure.status !== 0) {
      this.#listener = undefined;
      this.#path = undefined;
      const error = errorOfFailure(
        path === undefined ? failure : withAdvice(failure, path),
        'listen',
      );
      debug('listen failed: %s', error.message);
      this.#trace('error', { error });
      this.#host.onerror(error);
      return;
    }
    this.#isBound = true;
    if (this.#unref) this.#listener!.unref();
    debug('listening on %o', this.address());
    this.#trace('asyncEnd', {});
    this.#server.emit('listening');
  }

  // -- what there is --------------------------------------------------------

  /** A caller may arrive, if only an adopted one. */
  get isOpen(): boolean {
    return this.#listener !== undefined || this.#adopter !== undefined;
  }

  get isListening(): boolean {
    return (
      this.#listener !== undefined &&
      (this.#isBound || this.#listener.localAddress !== undefined)
    );
  }

  address(): AddressInfo | string | null {
    if (!this.isListening) return null;
    if (this.#path !== undefined) return this.#path;
    const address = this.#listener!.localAddress;
    if (!address) return null;
    if (address.family === 'unix') return address.address;
    return {
      address: address.address,
      family: address.family,
      port: address.port,
    };
  }

  /** As `net` has it: `6::::0`; of a path, `path:-1:-1`. */
  get key(): string | undefined {
    if (!this.isListening) return undefined;
    if (this.#path !== undefined) return `${this.#path}:-1:-1`;
    const address = this.#listener!.localAddress;
    return (
      address && `${address.family.slice(-1)}:${address.address}:${this.#port}`
    );
  }

  get statistics(): ListenerStatistics | undefined {
    return (this.#listener ?? this.#adopter)?.statistics;
  }

  /** Adds the counts of the open listeners. */
  addTo(counters: Counters): void {
    addStatistics(counters, this.#listener?.statistics);
    addStatistics(counters, this.#adopter?.statistics);
  }

  ref(): void {
    this.#unref = false;
    this.#listener?.ref();
  }

  unref(): void {
    this.#unref = true;
    this.#listener?.unref();
  }

  // -- closing --------------------------------------------------------------

  /**
   * @param onclose is called before the waiting callers are refused.
   * @param rejectData their reject data.
   */
  stop(onclose: () => void, rejectData: Uint8Array | undefined): void {
    this.#forgetSignal?.();
    this.#forgetSignal = undefined;
    const open = [this.#listener, this.#adopter];
    this.#listener = undefined;
    this.#adopter = undefined;
    this.#isBound = false;
    this.#path = undefined;
    for (const listener of open) {
      if (!listener) continue;
      onclose();
      addStatistics(this.#counters, listener.statistics);
      listener.close(rejectData);
    }
  }
}

/** A server that was killed leaves its file behind. */
function withAdvice(failure: Failure, path: string): Failure {
  const isFile = process.platform !== 'win32' && path[0] !== '\0';
  return failure.status === WSAEADDRINUSE && isFile
    ? {
        ...failure,
        detail:
          'a server listens there, or has left the file behind: then delete it and listen again',
      }
    : failure;
}
