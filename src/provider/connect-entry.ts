import { channel } from 'node:diagnostics_channel';
import { Socket, type SocketConstructorOpts } from 'node:net';
import type { Candidate } from './resolve.js';

/** Where `net` announces its sockets, since Node 24 from their own connect too. */
const sockets = channel('net.client.socket');

/** Where Node lists perf_hooks once it is loaded. */
const OBSERVERS = 'NativeModule perf_hooks';

/** The request that `net` passes to a connecting handle, called on completion. */
interface Request {
  oncomplete(
    status: number,
    handle: object,
    request: Request,
    readable: boolean,
    writable: boolean,
  ): void;
}

/** The part of Node's TCP handle that a connect uses. It does nothing. */
class Handle {
  request: Request | undefined;

  connect(request: Request): number {
    this.request = request;
    return 0;
  }

  connect6(request: Request): number {
    return this.connect(request);
  }

  readStart(): number {
    return 0;
  }

  close(): void {
    // It has nothing open.
  }
}

/**
 * The performance entry of the type `net` for a TCP connect that is not `net`'s.
 * Node lets only `net` make one: a net.Socket whose handle does nothing goes
 * through the same connect, and an observer sees how long that took.
 */
export class ConnectEntry {
  readonly #handle = new Handle();
  readonly #socket: Socket;

  private constructor({ address, family }: Candidate, port: number) {
    const options: SocketConstructorOpts & { handle: Handle } = {
      handle: this.#handle,
    };
    this.#socket = new Socket(options);
    this.#socket.connect({
      // A name, for which `net` calls lookup at once: an address would make it wait a
      // tick, in which the time runs and nobody catches what it throws.
      host: `${address}.`,
      lookup: (_host, _options, done) => {
        done(null, address, family);
      },
      port,
      autoSelectFamily: false,
    });
  }

  /**
   * @returns nothing if nobody can observe it, or if the net.Socket would be
   *  taken for a connection of its own.
   */
  static start(to: Candidate, port: number): ConnectEntry | undefined {
    if (!canBeObserved() || sockets.hasSubscribers) return undefined;
    try {
      return new ConnectEntry(to, port);
    } catch {
      // A Node whose `net` asks more of a handle: its entry is not worth a connect.
      return undefined;
    }
  }

  /** It is connected. */
  finish(): void {
    const { request } = this.#handle;
    try {
      request?.oncomplete(0, this.#handle, request, true, true);
    } catch {
      // As above.
    }
    this.#socket.destroy();
  }
}

/** The length of Node's list that has been searched. */
let looked = 0;
let isLoaded = false;

/**
 * Whether there can be observers: they come from perf_hooks, the global
 * PerformanceObserver too. An entry costs microseconds, which most processes
 * never have to spend.
 */
function canBeObserved(): boolean {
  if (isLoaded) return true;
  const { moduleLoadList = [] } = process as { moduleLoadList?: string[] };
  isLoaded = moduleLoadList.includes(OBSERVERS, looked);
  looked = moduleLoadList.length;
  return isLoaded;
}
